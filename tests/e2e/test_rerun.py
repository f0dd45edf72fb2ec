"""Failed cases run again and a case is stopped on the pages, in a real browser against the whole farm."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person
from tests.farm import Farm

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.engine]

BATCH_LIMIT_MS = 240_000
FAILING_STUDY = {
    "name": "Heating above cooling",
    "model": "warehouse",
    "weather": "chicago",
    "run_period": {"start": "01-01", "end": "01-02"},
    "parameters": [
        {
            "name": "heating_set_point",
            "target": {"class": "Schedule:Compact", "object": "HTGSETP_FineStorage_SCH", "field": "Field 4"},
            "values": [15.7, 40.1],
        }
    ],
    "design": {"method": "grid"},
}
LONG_STUDY = {
    "name": "One of many is stopped",
    "model": "small_office",
    "weather": "chicago",
    "parameters": [
        {
            "name": "lighting",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "change": "scale",
            "uniform": [0.5, 1.5],
        }
    ],
    "design": {"method": "lhs", "samples": 60, "seed": 2},
}


def test_failed_cases_run_again_and_what_succeeded_stays(page: Page, person: Person, farm: Farm, look: Look) -> None:
    batch_id = farm.submit(FAILING_STUDY)["id"]
    first = farm.wait_for_end(batch_id)
    assert first["counts"]["failed"] == 1
    succeeded = show_case(farm, batch_id, 0)
    page.goto(f"/batches/{batch_id}")
    person.log_in()
    expect(page.get_by_text("The files of its cases are due to be removed")).to_be_visible()
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_role("menuitem", name="Zip")).to_be_visible()
    look("downloads")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Run failed cases again (1)").click()
    dialog = page.get_by_role("dialog", name="Run the failed cases again?")
    expect(dialog).to_contain_text("What succeeded stays as it is")
    look("question")
    dialog.get_by_role("button", name="Run 1 case again").click()
    expect(dialog).to_have_count(0)
    second = farm.wait_until(lambda: farm.show(batch_id), lambda batch: batch["state"] == "completed")
    expect(page.get_by_text("2 of 2 cases finished")).to_be_visible(timeout=BATCH_LIMIT_MS)
    expect(page.get_by_text("completed", exact=True)).to_be_visible()
    expect(page.get_by_role("table", name="Cases").get_by_text("failed", exact=True).first).to_be_visible()
    look("again")

    assert second["finished_at"] > first["finished_at"]
    assert show_case(farm, batch_id, 0) == succeeded
    assert (show_case(farm, batch_id, 1)["state"], show_case(farm, batch_id, 1)["attempt"]) == ("failed", 2)


def test_one_case_is_stopped_and_the_batch_made_urgent(page: Page, person: Person, farm: Farm, look: Look) -> None:
    batch_id = farm.submit(LONG_STUDY)["id"]
    page.goto(f"/batches/{batch_id}")
    person.log_in()
    page.get_by_role("button", name="Priority: normal").click()
    look("priority")
    page.get_by_role("menuitem", name="high").click()
    expect(page.get_by_role("button", name="Priority: high")).to_be_visible()
    assert farm.show(batch_id)["priority"] == "high"

    page.get_by_role("table", name="Cases").get_by_text("pending").last.click()
    case = page.get_by_role("dialog")
    case.get_by_role("button", name="Cancel this case").click()
    look("question")
    case.get_by_role("button", name="Stop this case").click()
    expect(case.get_by_text("cancelled", exact=True)).to_be_visible()
    expect(case.get_by_text("the case has not run")).to_be_visible()
    look("stopped")

    batch = farm.show(batch_id)
    assert (batch["state"], batch["counts"]["cancelled"]) == ("running", 1)
    farm.http.post(f"/api/batches/{batch_id}/cancel/").raise_for_status()


def show_case(farm: Farm, batch_id: str, index: int) -> dict[str, object]:
    """Return a case of a batch."""
    return farm.http.get(f"/api/batches/{batch_id}/cases/{index}/").raise_for_status().json()
