"""Which parameters matter, from the text of a study to the answer of the service: a published function as a program.

That the indices of more points are the published ones is held by `tests/studies/test_published_functions.py`.
"""

import math
from typing import Any

import numpy as np
import pytest

from studies.definition import Study
from studies.designs.points import Points
from studies.sensitivity.analysis import Wish, analyse
from studies.sensitivity.sample import make_sample
from tests.fakes.ishigami import compute
from tests.farm import Farm
from tests.studies.sensitivity_samples import succeed

pytestmark = [pytest.mark.stack]

METRIC = "height_m"
ISHIGAMI: dict[str, Any] = {
    "name": "Ishigami",
    "engine": "executable:ishigami",
    "parameters": [{"name": name, "uniform": [-math.pi, math.pi], "unit": "rad"} for name in ("x1", "x2", "x3")],
    "design": {"method": "saltelli", "samples": 64, "second_order": True, "seed": 1},
}


def analyse_alone(study: dict[str, Any]) -> Any:
    """Return the analysis of a study's points without a farm."""
    read = Study.model_validate(study)
    points = Points(read)
    values = [compute(**{name: float(point.values[name]) for name in ("x1", "x2", "x3")}) for point in points]
    return analyse(make_sample(read, succeed(np.array(values))), Wish(METRIC))


def assert_same(answer: dict[str, Any], expected: Any) -> None:
    assert [factor["name"] for factor in answer["factors"]] == [found.factor.name for found in expected.factors]
    for shown, found in zip(answer["factors"], expected.factors, strict=True):
        assert shown["values"] == pytest.approx(dict(found.values), rel=1e-12, abs=1e-12)
        assert shown["conf"] == pytest.approx(dict(found.confidence), rel=1e-12, abs=1e-12)


def test_a_program_has_the_indices_of_its_function_through_the_whole_farm(farm: Farm) -> None:
    batch = farm.wait_for_end(farm.submit(ISHIGAMI)["id"])
    assert (batch["state"], batch["counts"]["succeeded"]) == ("completed", 64 * 8)
    answer = farm.http.get(f"/api/batches/{batch['id']}/sensitivity/", params={"metric": METRIC})
    found = answer.raise_for_status().json()
    assert (found["method"], found["cases_used"], found["is_complete"]) == ("sobol", 512, True)
    expected = analyse_alone(ISHIGAMI)
    assert_same(found, expected)
    pairs = [(pair["first"], pair["second"], pair["s2"]) for pair in found["pairs"]]
    assert pairs == [(pair.first, pair.second, pytest.approx(pair.s2, abs=1e-12)) for pair in expected.pairs]


def test_trajectories_give_their_effects_to_client_and_command(
    farm: Farm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from typer.testing import CliRunner

    from casefarm import Client
    from casefarm.cli import app

    study = {**ISHIGAMI, "design": {"method": "morris", "trajectories": 12, "seed": 2}}
    monkeypatch.setenv("CASEFARM_URL", farm.url)
    monkeypatch.setenv("CASEFARM_TOKEN", (farm.home / "token").read_text().strip())
    with Client() as client:
        batch = client.submit(study).wait(progress=False)
        table = batch.sensitivity(METRIC)
    expected = analyse_alone(study)
    assert list(table.index) == [found.factor.name for found in expected.factors]
    assert list(table.columns) == ["mu_star", "mu", "sigma", "mu_star_conf"]
    assert table["mu_star"].tolist() == pytest.approx(
        [found.values["mu_star"] for found in expected.factors], abs=1e-12
    )
    assert (table.attrs["method"], table.attrs["unit"]) == ("morris", "m")

    shown = CliRunner().invoke(app, ["sensitivity", batch.id, "--metric", METRIC])
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].strip() == "height_m in m by morris: 48 cases"
    order = [line.split()[1] for line in lines if "±" in line]
    assert order == list(table.index)
    assert "note: An effect is that of a factor's whole range" in shown.stderr


def test_what_a_design_cannot_bear_is_said_in_the_terminal(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    from casefarm import Client
    from casefarm.problems import ServiceRefused

    study = {**ISHIGAMI, "design": {"method": "lhs", "samples": 12}}
    batch = farm.wait_for_end(farm.submit(study)["id"])
    with Client(farm.url, (farm.home / "token").read_text().strip()) as client:
        with pytest.raises(ServiceRefused, match="Sobol' indices need the crossed samples of a `saltelli` design"):
            client.batch(batch["id"]).sensitivity(METRIC, method="sobol")
        table = client.batch(batch["id"]).sensitivity(METRIC)
    assert table.attrs["method"] == "regression"  # PAWN needs more cases
