"""Cancelling a batch on its page, in a real browser against the whole farm."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person
from tests.farm import Farm

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.engine]

LONG_STUDY = {
    "name": "To be cancelled",
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
    "design": {"method": "lhs", "samples": 200, "seed": 1},
}


def test_a_running_batch_is_cancelled_after_one_has_said_so_twice(
    page: Page, person: Person, farm: Farm, look: Look
) -> None:
    batch_id = farm.submit(LONG_STUDY)["id"]
    page.goto(f"/batches/{batch_id}")
    person.log_in()
    expect(page.get_by_text("running", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Cancel batch").click()
    dialog = page.get_by_role("dialog", name="Cancel this batch?")
    expect(dialog).to_contain_text("Finished cases keep their results")
    look("question")

    dialog.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert").filter(has_text="This batch was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel batch")).to_have_count(0)
    look("cancelled")

    batch = farm.wait_until(lambda: farm.show(batch_id), lambda batch: batch["counts"]["running"] == 0)
    assert batch["state"] == "cancelled"
    assert batch["counts"]["cancelled"] > 0
    assert batch["progress"]["finished"] == batch["progress"]["total"]
