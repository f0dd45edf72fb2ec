"""The new-batch form in a real browser: what is wrong stands beside the field, and nothing is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_wrong_password_is_said_so(page: Page, person: Person) -> None:
    page.goto("/login")
    page.get_by_label("Username").fill(person.farm.username)
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("The password is wrong")


def test_a_mistake_stands_beside_the_field_that_caused_it(page: Page, person: Person, look: Look) -> None:
    page.goto("/new")
    person.log_in()
    page.get_by_label("Name of the batch").fill("With a mistake")
    person.choose("Building model", "warehouse")
    person.choose("Weather", "chicago")
    wrong = person.add_parameter("Material", "Thickness")
    person.give_values(wrong, "-1")
    right = person.add_parameter("Lights", "Watts per Floor Area")
    person.give_values(right, "5", "10")

    box = wrong.get_by_role("combobox", name="Values")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_contain_text("greater than 0")
    expect(right.get_by_role("combobox", name="Values")).to_have_attribute("aria-invalid", "false")
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("parameters[0].values[0]")
    expect(preview.get_by_role("button", name="Submit")).to_be_disabled()
    look("mistake")

    box.press("Backspace")
    person.give_values(wrong, "0.1")
    expect(preview.get_by_role("button", name="Submit 2 cases")).to_be_enabled()


def test_the_draft_outlives_a_reload(page: Page, person: Person) -> None:
    page.goto("/new")
    person.log_in()
    page.get_by_label("Name of the batch").fill("Not lost")
    person.choose("Building model", "warehouse")
    person.add_parameter("Lights", "Watts per Floor Area")
    page.reload()
    expect(page.get_by_label("Name of the batch")).to_have_value("Not lost")
    expect(page.get_by_role("group", name="Parameter")).to_contain_text("Lights › Watts per Floor Area")
