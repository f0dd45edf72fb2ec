"""Two batches → pairs of cases with equal inputs, everything else counted and told why it has no partner."""

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from batches.analysis.pairing import MATCHES, Inputs, Match, pair_by_inputs
from batches.models import Batch
from studies.designs.points import CasePoint
from tests.backend.batches.conftest import STUDY
from tests.backend.batches.finished_batches import finish, read_rows, record

pytestmark = pytest.mark.django_db(transaction=True)

LIGHTING = STUDY["parameters"][0]
OTHER = {**LIGHTING, "name": "other", "values": [1.0, 2.0]}


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(owner)
    return client


def report(factor: float) -> Any:
    def tell(point: CasePoint) -> dict[str, Any]:
        return {"electricity_kwh": factor * float(point.values.get("lighting", 10.0)), "heating_kwh": 0.0}

    return tell


def make(owner: User, factor: float = 1.0, inputs: dict[str, Any] | None = None, **changes: Any) -> Batch:
    batch = record(owner, {**STUDY, **changes}, **({"inputs": inputs} if inputs else {}))
    return finish(batch, report(factor))


def table(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"method": "table", "rows": list(rows)}


def address(batch: Batch, other: Batch, what: str = "") -> str:
    return f"/api/batches/{batch.pk}/comparison/{other.pk}/{what}"


def summarise(api: APIClient, batch: Batch, other: Batch) -> dict[str, Any]:
    found = api.get(address(batch, other, "summary/")).json()
    return {
        **found,
        "unmatched": {entry["reason"]: entry["cases"] for entry in found["unmatched"]},
        "other_unmatched": {entry["reason"]: entry["cases"] for entry in found["other_unmatched"]},
    }


def test_the_same_design_is_paired_by_index(owner: User, owner_api: APIClient) -> None:
    batch, other = make(owner), make(owner, 1.5)
    rows = read_rows(owner_api, address(batch, other), metric="electricity_kwh")
    assert [(row["case"], row["other_case"]) for row in rows] == [(case, case) for case in range(-2, 8)]
    for row in rows:
        used = row["lighting"] or 10.0
        assert row["match"] == "matched"
        assert (row["electricity_kwh"], row["other_electricity_kwh"]) == (used, 1.5 * used)
        assert (row["difference_electricity_kwh"], row["electricity_kwh_ratio"]) == (0.5 * used, 1.5)
        assert (row["verdict"], row["other_verdict"]) == ("valid", "valid")
    found = summarise(owner_api, batch, other)
    assert (found["matched"], found["unmatched"], found["other_unmatched"]) == (10, {}, {})
    assert found["notes"] == ["Both have the same design: cases are paired by their index."]


def test_the_same_design_under_another_model_pairs_nothing(owner: User, owner_api: APIClient) -> None:
    batch = make(owner)
    changed = {**batch.inputs, "models": {"warehouse": {"id": "2", "sha256": "changed", "name": "warehouse"}}}
    other = make(owner, inputs=changed)
    found = summarise(owner_api, batch, other)
    assert (found["matched"], found["unmatched"]) == (0, {"other_model": list(range(-2, 8))})


def test_cases_are_paired_by_their_inputs_wherever_they_stand(owner: User, owner_api: APIClient) -> None:
    batch = make(owner)
    values = {**LIGHTING, "values": [8.0, 6.0, 9.0]}
    other = make(owner, 2.0, parameters=[values], weather=["miami", "denver"])
    rows = read_rows(owner_api, address(batch, other))
    own, others = inputs_by_case(owner_api, batch), inputs_by_case(owner_api, other)
    pairs = {row["case"]: row for row in rows if row["match"] == "matched"}
    assert {own[case] for case in pairs} == {("miami", None), ("miami", 6.0), ("miami", 8.0)}
    assert all(own[case] == others[row["other_case"]] for case, row in pairs.items())
    assert all(row["electricity_kwh_ratio"] == 2 for row in pairs.values())
    assert all(row["heating_kwh_ratio"] is None and row["difference_heating_kwh"] == 0 for row in pairs.values())
    found = summarise(owner_api, batch, other)
    told = {reason: {own[case] for case in cases} for reason, cases in found["unmatched"].items()}
    assert told == {
        "other_weather": {("chicago", value) for value in (None, 5.0, 6.0, 7.0, 8.0)},
        "other_values": {("miami", 5.0), ("miami", 7.0)},
    }
    told = {reason: {others[case] for case in cases} for reason, cases in found["other_unmatched"].items()}
    assert told == {
        "other_weather": {("denver", value) for value in (None, 8.0, 6.0, 9.0)},
        "other_values": {("miami", 9.0)},
    }
    alone = {others[row["other_case"]]: row for row in rows if row["case"] is None}
    assert set(alone) == set.union(*told.values())
    nine = alone["miami", 9.0]
    assert (nine["weather"], nine["lighting"], nine["other_electricity_kwh"]) == ("miami", 9.0, 18.0)
    assert nine["difference_electricity_kwh"] is nine["electricity_kwh"] is None
    assert len(rows) == 10 + 5


def inputs_by_case(api: APIClient, batch: Batch) -> dict[int, tuple[str, float | None]]:
    rows = read_rows(api, f"/api/batches/{batch.pk}/results/")
    return {row["case"]: (row["weather"], row["lighting"]) for row in rows}


def test_models_are_the_same_by_content_whatever_they_are_called(owner: User, owner_api: APIClient) -> None:
    batch = make(owner)
    inputs = {**batch.inputs, "models": {"mine": {"id": "7", "sha256": "model warehouse", "name": "mine"}}}
    other = make(owner, model="mine", inputs=inputs)
    assert summarise(owner_api, batch, other)["matched"] == 10
    attached = {"mine": {**inputs["models"]["mine"], "attachments": {"schedule.csv": "abc"}}}
    assert summarise(owner_api, batch, make(owner, model="mine", inputs={**inputs, "models": attached}))["matched"] == 0


def test_a_parameter_that_only_one_varies_is_told_and_does_not_count_where_it_is_fixed(
    owner: User, owner_api: APIClient
) -> None:
    batch = make(owner)
    fixed = make(owner, parameters=[LIGHTING, {**OTHER, "values": [1.0]}])
    found = summarise(owner_api, batch, fixed)
    assert (found["matched"], found["parameters"]) == (10, ["lighting"])
    assert found["notes"] == ["Only the other batch varies other: that does not count for the pairs."]
    varied = make(owner, parameters=[LIGHTING, OTHER])
    found = summarise(owner_api, batch, varied)
    assert (found["matched"], found["unmatched"]) == (2, {"ambiguous": list(range(8))})
    assert found["other_unmatched"] == {"ambiguous": list(range(16))}


def test_batches_that_vary_nothing_in_common_are_not_paired_by_chance(owner: User, owner_api: APIClient) -> None:
    batch, other = make(owner), make(owner, parameters=[OTHER])
    found = summarise(owner_api, batch, other)
    assert found["parameters"] == []
    assert (found["matched"], found["unmatched"]) == (2, {"ambiguous": list(range(8))})  # the baselines
    assert found["other_unmatched"] == {"ambiguous": list(range(4))}


def test_rows_with_equal_inputs_are_one_and_the_rest_are_duplicates(owner: User, owner_api: APIClient) -> None:
    rows = [{"weather": "miami", "lighting": value} for value in (5.0, 6.0, 5.0, 5.0)]
    batch = make(owner, design=table(*rows), parameters=[{**LIGHTING, "values": None}])
    found = summarise(owner_api, batch, make(owner))
    assert (found["matched"], found["unmatched"]) == (4, {"duplicate": [2, 3]})


def test_a_parameter_keeps_its_name_whatever_it_is(owner: User, owner_api: APIClient) -> None:
    parameters = [{**LIGHTING, "name": "match"}, {**OTHER, "name": "other_electricity_kwh"}]
    batch, other = make(owner, parameters=parameters), make(owner, 2.0, parameters=parameters)
    row = read_rows(owner_api, address(batch, other), metric="electricity_kwh")[2]
    assert (row["match"], row["match_"]) == (5.0, "matched")
    assert (row["other_electricity_kwh"], row["other_electricity_kwh_"]) == (1.0, 20.0)


def test_what_else_differs_is_told(owner: User, owner_api: APIClient) -> None:
    batch = make(owner)
    elsewhere = {**LIGHTING, "change": "scale"}
    other = make(owner, parameters=[elsewhere], run_period={"start": "01-01", "end": "01-31"})
    notes = " ".join(summarise(owner_api, batch, other)["notes"])
    assert "write lighting in different places" in notes
    assert "The run period differs: annual here, 01-01 to 01-31 there." in notes


def test_failed_cases_are_paired_without_numbers(owner: User, owner_api: APIClient) -> None:
    batch = make(owner)
    other = finish(record(owner, STUDY), lambda point: None if point.index == 3 else report(1.0)(point))
    rows = {row["case"]: row for row in read_rows(owner_api, address(batch, other), metric="electricity_kwh")}
    assert (rows[3]["match"], rows[3]["other_state"], rows[3]["other_verdict"]) == ("matched", "failed", "failed")
    assert rows[3]["other_electricity_kwh"] is rows[3]["difference_electricity_kwh"] is None
    assert rows[4]["difference_electricity_kwh"] == 0


def test_a_metric_that_not_both_have_is_refused_with_those_they_have(owner: User, owner_api: APIClient) -> None:
    batch, other = make(owner), make(owner)
    response = owner_api.get(address(batch, other), {"metric": "lighting"})
    assert response.status_code == 400
    (entry,) = response.json()["errors"]
    assert (entry["path"], "electricity_kwh" in entry["accepted"]) == ("metric", True)


def test_both_batches_must_be_the_callers(owner: User, owner_api: APIClient, other_user: User) -> None:
    mine, theirs = make(owner), make(other_user)
    for what in ("", "summary/"):
        assert owner_api.get(address(mine, theirs, what)).status_code == 404
        assert owner_api.get(address(theirs, mine, what)).status_code == 404


def test_batches_that_have_not_begun_are_empty(owner: User, owner_api: APIClient) -> None:
    batch, other = record(owner, STUDY), record(owner, {**STUDY, "baseline": False})
    assert read_rows(owner_api, address(batch, other)) == []
    assert summarise(owner_api, batch, other)["matched"] == 0


@pytest.mark.parametrize("design", [STUDY["design"], table({"weather": "miami", "lighting": 5.0})])
def test_a_batch_that_has_begun_beside_one_that_has_not(owner: User, owner_api: APIClient, design: Any) -> None:
    batch, other = make(owner), record(owner, {**STUDY, "design": design})
    assert [row["other_case"] for row in read_rows(owner_api, address(batch, other))] == [None] * 10
    assert [row["case"] for row in read_rows(owner_api, address(other, batch))] == [None] * 10
    assert summarise(owner_api, batch, other)["matched"] == 0


def inputs_of(values: list[tuple[int, int]]) -> Inputs:
    """Cases of one model under one weather: what both batches vary, and what only this one does."""
    shared, extra = (np.array([value[at] for value in values], np.uint64) for at in (0, 1))
    place = np.ones(len(values), np.uint64)
    return Inputs(np.arange(len(values)), place, place, shared, shared * np.uint64(1000) + extra)


CASES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=30)


@pytest.mark.django_db(False)
@given(CASES, CASES)
def test_pairs_are_mutual_unique_and_of_equal_inputs(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    first, second = inputs_of(mine), inputs_of(theirs)
    pairing = pair_by_inputs(first, second)
    back = pair_by_inputs(second, first)
    matched = MATCHES.index(Match.MATCHED)
    partners = [int(partner) for partner in pairing.partners if partner >= 0]
    assert len(set(partners)) == len(partners)
    assert sum(pairing.matches == matched) == sum(pairing.other_matches == matched) == len(partners)
    for position, partner in enumerate(pairing.partners):
        if partner >= 0:
            assert mine[position][0] == theirs[partner][0]
            assert back.partners[partner] == position
    plain = {value for value, _ in mine if len({case for case in mine if case[0] == value}) == 1}
    other_plain = {value for value, _ in theirs if len({case for case in theirs if case[0] == value}) == 1}
    assert len(partners) == len(plain & other_plain)
