"""A surrogate is trained, looked at, asked and deleted on the pages, in a real browser against the whole farm."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Look, Person
from tests.farm import Farm

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TRAINING_LIMIT_MS = 240_000
STUDY = {
    "name": "Degree days",
    "engine": "executable:degree_days",
    "weather": "chicago",
    "parameters": [
        {"name": "heat_loss_w_k", "uniform": [100, 300]},
        {"name": "base_c", "uniform": [12, 18]},
    ],
    "design": {"method": "sobol", "samples": 32, "seed": 1},
}


def test_a_surrogate_is_trained_on_a_batch_asked_and_deleted(
    page: Page, person: Person, farm: Farm, look: Look
) -> None:
    batch_id = farm.submit(STUDY)["id"]
    farm.wait_for_end(batch_id)
    page.goto(f"/batches/{batch_id}")
    person.log_in()
    page.get_by_role("button", name="Train a surrogate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Degree days, fast")
    dialog.get_by_label("Kind").select_option("ridge")
    look("dialog")
    dialog.get_by_role("button", name="Train the surrogate").click()
    expect(page).to_have_url(re.compile("/surrogates/"))
    look("training")

    accuracy = page.get_by_role("table", name="Accuracy")
    expect(accuracy.get_by_role("row", name=re.compile("Heating"))).to_be_visible(timeout=TRAINING_LIMIT_MS)
    prediction = page.get_by_role("table", name="Prediction")
    heating = prediction.get_by_role("row", name=re.compile("Heating"))
    expect(heating).to_contain_text("kWh")
    look("ready")
    middle = heating.inner_text()
    page.get_by_label(re.compile(r"^heat_loss_w_k")).fill("900")
    expect(page.get_by_text("Outside of what it was trained on")).to_be_visible()
    expect(heating).not_to_have_text(middle)
    look("outside")

    page.get_by_role("link", name="Surrogates").first.click()
    row = page.get_by_role("table", name="Surrogates").get_by_role("row", name=re.compile("Degree days, fast"))
    expect(row).to_contain_text("ready")
    look("list")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page).to_have_url(re.compile("/surrogates$"))
    expect(row).to_have_count(0)
