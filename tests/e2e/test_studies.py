"""Studies of the whole language in a real browser: built by form, previewed live, read from a table, analysed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person
from tests.farm import Farm

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.engine]

BATCH_LIMIT_MS = 120_000
LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
SCREENING = {
    "name": "Screening",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": "design_days",
    "parameters": [
        {"name": "lighting", "target": LIGHTS, "change": "scale", "uniform": [0.5, 1.5]},
        {"name": "turn_deg", "measure": "rotate", "uniform": [0, 90]},
    ],
    "design": {"method": "morris", "trajectories": 4, "seed": 1},
}


def begin(page: Page, person: Person, name: str) -> None:
    """Open the form and choose what every study here has: the warehouse in Chicago on its design days."""
    page.goto("/new")
    person.log_in()
    page.get_by_label("Name of the batch").fill(name)
    person.choose("Building model", "warehouse")
    person.choose("Weather", "chicago")
    page.get_by_text("Design days").click()


def choose_method(page: Page, method: str) -> None:
    """Choose a design."""
    page.get_by_role("combobox", name="Method").click()
    page.get_by_role("option", name=method).click()


def test_a_measure_with_a_distribution_and_a_constraint_is_previewed_and_run(
    page: Page, person: Person, look: Look
) -> None:
    begin(page, person, "Turned and lit")
    page.get_by_role("button", name="Add measure").click()
    page.get_by_role("button", name="Add Rotate building").click()
    turned = page.get_by_role("group", name="Parameter rotate")
    turned.get_by_label("Varies over").select_option("Triangular")
    for label, value in (("Lowest", "0"), ("Most likely", "45"), ("Highest", "90")):
        turned.get_by_label(label).fill(value)
    lit = person.add_parameter("Lights", "Watts per Floor Area")
    lit.get_by_label("Name").fill("lights")
    lit.get_by_label("Varies over").select_option("Uniform in a range")
    lit.get_by_label("Lowest").fill("5")
    lit.get_by_label("Highest").fill("15")
    choose_method(page, "Sobol’ sequence")
    page.get_by_role("textbox", name="Samples").fill("8")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_text("8 cases", exact=True)).to_be_visible()

    page.get_by_role("button", name="Add constraint").click()
    constraint = page.get_by_role("textbox", name="Constraint 1")
    constraint.fill("lights <")
    expect(constraint).to_have_attribute("aria-invalid", "true")
    constraint.fill("lights <= 10")
    expect(preview.get_by_text("4 cases", exact=True)).to_be_visible()
    expect(preview).to_contain_text("4 of 8 (50 %)")
    expect(page.get_by_role("region", name="What is touched")).to_contain_text("lights")
    look("form")

    preview.get_by_role("button", name="Submit 4 cases").click()
    expect(page.get_by_text("completed", exact=True)).to_be_visible(timeout=BATCH_LIMIT_MS)
    page.get_by_role("link", name="Results").click()
    table = page.get_by_role("table", name="Result table")
    expect(table.get_by_role("row")).to_have_count(5)
    look("results")


def test_a_table_in_a_file_becomes_the_cases(page: Page, person: Person, tmp_path: Path, look: Look) -> None:
    begin(page, person, "From a file")
    card = person.add_parameter("Lights", "Watts per Floor Area")
    card.get_by_label("Name").fill("lights")
    choose_method(page, "Table")
    file = tmp_path / "cases.csv"
    file.write_text("lights\n4\n8\n12\n")
    page.get_by_label("Drop a table here").set_input_files(file)
    expect(page.get_by_label("Rows", exact=True)).to_have_value("lights\n4\n8\n12")
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("button", name="Submit 3 cases")).to_be_enabled()
    expect(page.get_by_role("region", name="Case 2", exact=True)).to_contain_text("12")
    look("table")


def test_a_study_that_the_form_cannot_show_stays_text(page: Page, person: Person, look: Look) -> None:
    page.goto("/new")
    person.log_in()
    page.get_by_role("button", name="Study as YAML").click()
    text = "name: As text\nmodel: warehouse\nweather: chicago\nengine: energyplus\nsurprise: 1  # a typing mistake\n"
    page.get_by_role("textbox", name="YAML").fill(text)
    page.get_by_role("button", name="Use this study").click()
    expect(page.get_by_text("The form cannot show all of this study")).to_be_visible()
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("surprise")
    look("refused")
    page.get_by_label("Study as YAML").fill(text.replace("surprise: 1  # a typing mistake\n", ""))
    expect(preview.get_by_role("button", name="Submit 1 case")).to_be_enabled()
    page.get_by_role("button", name="Show it in the form").click()
    expect(page.get_by_label("Name of the batch")).to_have_value("As text")


def test_what_matters_is_drawn_once_a_batch_has_finished(page: Page, person: Person, farm: Farm, look: Look) -> None:
    batch_id = farm.submit(SCREENING)["id"]
    assert farm.wait_for_end(batch_id)["state"] == "completed"
    page.goto(f"/batches/{batch_id}/sensitivity?metric=interior_lighting_kwh")
    person.log_in()
    chart = page.get_by_role("img", name="of each parameter")
    expect(chart).to_be_visible()
    first = page.get_by_role("table", name="Indices").get_by_role("row").nth(1)
    expect(first).to_contain_text("Lighting")
    look("morris")

    page.get_by_label("Method").select_option("Sobol’ indices")
    expect(page.get_by_text("This cannot be said of these cases")).to_be_visible()
    look("refused")
    page.get_by_role("link", name="Savings").click()
    expect(page.get_by_text("No savings can be told")).to_be_visible()
