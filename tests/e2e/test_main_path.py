"""A study from the form to its table on disk, in a real browser against the whole farm."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person
from tests.farm import Farm

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.engine]

BATCH_LIMIT_MS = 240_000
PARAMETER = "watts_per_floor_area_w_m2"


def test_a_batch_is_built_in_the_form_run_and_downloaded(page: Page, person: Person, farm: Farm, look: Look) -> None:
    page.goto("/new")
    person.log_in()
    build_study(page, person)
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_text("2 cases", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Case 1", exact=True)).to_contain_text("→ 12 W/m2")
    look("form")

    preview.get_by_role("button", name="Submit 2 cases").click()
    expect(page.get_by_role("heading", name="Lights by form")).to_be_visible()
    look("running")
    expect(page.get_by_text("completed", exact=True)).to_be_visible(timeout=BATCH_LIMIT_MS)
    expect(page.get_by_text("2 of 2 cases finished")).to_be_visible()
    batch_id = page.url.rsplit("/", 1)[-1]
    look("completed")

    page.get_by_role("link", name="Results").click()
    table = page.get_by_role("table", name="Result table")
    expect(table.get_by_role("columnheader", name="Total site energy")).to_contain_text("kWh")
    expect(table.get_by_role("row")).to_have_count(3)
    look("results")

    rows = read_csv(download_table(page))
    assert [row["state"] for row in rows] == ["succeeded", "succeeded"]
    assert [float(row[PARAMETER]) for row in rows] == [6, 12]
    assert float(rows[1]["interior_lighting_kwh"]) > float(rows[0]["interior_lighting_kwh"]) > 0
    assert [as_cells(row) for row in rows] == [as_cells(row) for row in farm.rows(batch_id)]


def build_study(page: Page, person: Person) -> None:
    """Fill in the form: two light levels in a warehouse in Chicago, for three days."""
    page.get_by_label("Name of the batch").fill("Lights by form")
    person.choose("Building model", "warehouse")
    person.choose("Weather", "chicago")
    card = person.add_parameter("Lights", "Watts per Floor Area")
    person.give_values(card, "6", "12")
    page.get_by_text("Part of the year").click()
    page.get_by_label("Last day, day").select_option("3")


def download_table(page: Page) -> str:
    """Return the text of the CSV that the page's menu downloads."""
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV").click()
    return Path(download.value.path()).read_text()


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(text)))


def as_cells(row: dict[str, object]) -> dict[str, object]:
    """Return a row of CSV or of the API so that the two can be compared: numbers as numbers, nothing for null."""
    return {name: as_cell(value) for name, value in row.items()}


def as_cell(value: object) -> object:
    """Return a number where a value is one, however it is written: CSV has 12, JSON 12.0."""
    try:
        return float(str(value))
    except ValueError:
        return value or None
