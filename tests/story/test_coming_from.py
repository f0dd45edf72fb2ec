"""Every study in the pages for people who come from other tools: accepted as it stands, and run on the real engine.

A study is run in short: one day of January, one weather, the first and last of each list in a grid, four samples of a
sequence, one trajectory, two generations of four. Models, parameters, measures, constraints and objectives are its own.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from energyplus.bundled import find_bundled_file, list_bundled_models, list_bundled_weather
from tests.farm import Farm

pytestmark = [pytest.mark.stack, pytest.mark.engine]

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = [*sorted(HOW_TO.glob("coming-from-*.md")), HOW_TO / "find-what-matters.md"]
ONE_DAY = {"start": "01-14", "end": "01-14"}
SHORT_DESIGNS: dict[str, dict[str, int]] = {
    "lhs": {"samples": 4},
    "sobol": {"samples": 4},
    "morris": {"trajectories": 1},
    "nsga2": {"population": 4, "generations": 2},
}


def read_examples() -> dict[str, dict[str, Any]]:
    """Return every study of the pages by page and name."""
    found = {}
    for page in PAGES:
        for text in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            document = yaml.safe_load(text)
            found[f"{page.stem}: {document['name']}"] = {"is_refused": text.startswith("# refused"), "study": document}
    return found


EXAMPLES = read_examples()
SOUND = {name: example["study"] for name, example in EXAMPLES.items() if not example["is_refused"]}
REFUSED = {name: example["study"] for name, example in EXAMPLES.items() if example["is_refused"]}


def shorten(study: dict[str, Any]) -> dict[str, Any]:
    """Return a study of the same parts that runs in seconds."""
    design = study.get("design", {"method": "grid"})
    short = {**study, "run_period": ONE_DAY, "design": {**design, **SHORT_DESIGNS.get(design["method"], {})}}
    if isinstance(study["weather"], list):
        short["weather"] = study["weather"][0]
    if design["method"] == "grid":
        short["parameters"] = [shorten_list(parameter) for parameter in study["parameters"]]
    return short


def shorten_list(parameter: dict[str, Any]) -> dict[str, Any]:
    values = parameter.get("values")
    return {**parameter, "values": [values[0], values[-1]]} if values else parameter


def test_every_page_has_examples() -> None:
    tools = {name.partition(":")[0] for name in SOUND}
    assert tools == {page.stem for page in PAGES}
    assert {"coming-from-jeplus", "coming-from-besos", "coming-from-openstudio-pat"} < tools


@pytest.mark.parametrize("name", SOUND)
def test_a_study_of_the_pages_is_accepted_as_it_stands_and_runs(farm: Farm, name: str) -> None:
    previewed = farm.http.post("/api/batches/preview/", json=SOUND[name])
    assert previewed.status_code == 200, previewed.text
    if SOUND[name].get("design", {}).get("method") != "nsga2":
        assert previewed.json()["case_count"] > 1

    batch = farm.wait_for_end(farm.submit(shorten(SOUND[name]))["id"])
    failed = farm.http.get(f"/api/batches/{batch['id']}/cases/", params={"state": "failed"}).json()["results"]
    assert (batch["state"], [case["error"] for case in failed]) == ("completed", [])
    rows = farm.rows(batch["id"])
    assert len(rows) > 1
    assert len({row["total_site_energy_kwh"] for row in rows}) > 1  # what the study varies makes a difference


@pytest.mark.parametrize("name", REFUSED)
def test_a_study_that_the_pages_call_refused_is_refused_with_a_way_out(farm: Farm, name: str) -> None:
    refused = farm.http.post("/api/batches/", json=REFUSED[name])
    assert refused.status_code == 400
    (entry,) = refused.json()["errors"]
    assert entry["found"] == "Invalid Material"
    assert "Mass NonRes Wall Insulation" in entry["accepted"]


def test_the_script_of_the_jeplus_page_brings_a_job_list_along(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, alias, files in (
        ("office.idf", "small_office", list_bundled_models()),
        ("chicago.epw", "chicago", list_bundled_weather()),
    ):
        found = find_bundled_file(alias, files)
        assert found is not None
        shutil.copy(found, tmp_path / name)
    (tmp_path / "SimJobIndex.csv").write_text("#,Job_ID,P1,P2\n0,EP_0,0,8\n1,EP_1,45,10.76\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEFARM_URL", farm.url)
    monkeypatch.setenv("CASEFARM_TOKEN", (farm.home / "token").read_text().strip())
    page = (HOW_TO / "coming-from-jeplus.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(script, names)
    batch = names["batch"]
    try:
        shown = farm.show(batch.id)
        assert shown["study"]["design"]["rows"] == [
            {"orientation_deg": 0, "lighting_w_m2": 8.0},
            {"orientation_deg": 45, "lighting_w_m2": 10.76},
        ]
        assert farm.wait_for_end(batch.id)["counts"]["succeeded"] == 2
    finally:
        batch._client.close()
