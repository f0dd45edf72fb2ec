"""Predictions over HTTP: what is answered, what is refused and where the mistake stands."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from rest_framework.test import APIClient

from surrogates import answers, prediction
from surrogates.models import Surrogate
from surrogates.states import SurrogateState
from tests.backend.surrogates.conftest import compute

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

POINT: dict[str, Any] = {"lighting": 6.0, "insulation": 0.1, "weather": "chicago"}


def predict(api: APIClient, surrogate: Surrogate, **asked: Any) -> Any:
    return api.post(f"/api/surrogates/{surrogate.pk}/predict/", {"inputs": POINT, **asked}, format="json")


def refusal(response: Any, status: int = 400) -> dict[str, str]:
    assert response.status_code == status, response.data
    assert response.headers["Content-Type"] == "application/problem+json"
    return {error["path"]: error["message"] for error in response.data["errors"]}


def test_points_are_answered_with_intervals_units_and_a_word_on_the_domain(
    api: APIClient, surrogate: Surrogate
) -> None:
    lighting = [3.0, 6.0, 9.0, 11.0]
    response = predict(api, surrogate, inputs={**POINT, "lighting": lighting})
    assert response.status_code == 200, response.data
    assert (response.data["rows"], response.data["inside"], response.data["strays"]) == (4, [True] * 4, {})
    expected = compute(np.array(lighting), 0.1, "chicago")
    for name, told in response.data["metrics"].items():
        assert told["unit"] == "kWh"
        assert told["mean"] == pytest.approx(expected[name], rel=0.05)
        assert all(low < mean < high for low, mean, high in zip(told["low"], told["mean"], told["high"], strict=True))


def test_a_higher_level_makes_wider_intervals(api: APIClient, surrogate: Surrogate) -> None:
    widths = []
    for level in (0.6, 0.9, 0.98):
        told = predict(api, surrogate, level=level).data["metrics"]["heating_kwh"]
        widths.append(told["high"][0] - told["low"][0])
    assert widths == sorted(set(widths))


def test_a_point_outside_is_flagged_widened_or_refused_as_asked(api: APIClient, surrogate: Surrogate) -> None:
    strange = {**POINT, "lighting": [6.0, 30.0]}
    flagged = predict(api, surrogate, inputs=strange, outside="flag").data
    widened = predict(api, surrogate, inputs=strange, outside="widen").data
    assert flagged["inside"] == widened["inside"] == [True, False]
    assert flagged["strays"] == {"lighting": 1}
    for name, told in flagged["metrics"].items():
        wide = widened["metrics"][name]
        assert wide["high"][0] == told["high"][0]
        assert wide["high"][1] > told["high"][1]
    found = refusal(predict(api, surrogate, inputs=strange, outside="refuse"))
    assert found == {"inputs.lighting": "'lighting' lies outside of what the surrogate was trained on."}


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"lighting": 6.0, "weather": "miami"}, "inputs.insulation", "the surrogate needs it"),
        ({**POINT, "lightning": 3.0}, "inputs.lightning", "has no input 'lightning'"),
        ({**POINT, "lighting": "six"}, "inputs.lighting", "Write numbers in W/m2"),
        ({**POINT, "lighting": [1.0, [2.0]]}, "inputs.lighting", ""),
        ({**POINT, "lighting": [6.0, None]}, "inputs.lighting", "Write numbers in W/m2"),
        ({**POINT, "lighting": True}, "inputs.lighting", "Write numbers in W/m2"),
        ({**POINT, "weather": "oslo"}, "inputs.weather", "not trained on"),
        ({**POINT, "weather": ["oslo", 3]}, "inputs.weather", "not trained on"),
        ({**POINT, "lighting": [1.0, 2.0], "insulation": [0.1, 0.1, 0.2]}, "inputs", "as many values"),
    ],
)
def test_a_mistake_in_the_inputs_is_named_where_it_stands(
    api: APIClient, surrogate: Surrogate, inputs: dict[str, Any], path: str, words: str
) -> None:
    found = refusal(predict(api, surrogate, inputs=inputs))
    assert list(found) == [path]
    assert words in found[path]


def test_every_mistake_is_told_at_once(api: APIClient, surrogate: Surrogate) -> None:
    found = refusal(predict(api, surrogate, inputs={"lighting": "x", "weather": "oslo", "y": 1}))
    assert set(found) == {"inputs.lighting", "inputs.weather", "inputs.insulation", "inputs.y"}


def test_units_are_checked_and_never_converted(api: APIClient, surrogate: Surrogate) -> None:
    assert predict(api, surrogate, units={"lighting": "W/m²", "insulation": "m"}).status_code == 200
    found = refusal(predict(api, surrogate, units={"insulation": "cm", "roof": "m"}))
    assert found["inputs.insulation"] == "Write 'insulation' in m: none is converted."
    assert "no input 'roof'" in found["units.roof"]


@pytest.mark.parametrize(
    ("asked", "path"), [({"level": 1.0}, "level"), ({"outside": "ignore"}, "outside"), ({"inputs": [1]}, "inputs")]
)
def test_a_strange_question_is_refused(api: APIClient, surrogate: Surrogate, asked: dict[str, Any], path: str) -> None:
    assert path in refusal(predict(api, surrogate, **asked))


def test_ten_thousand_points_are_answered_and_one_more_is_sent_to_screening(
    api: APIClient, surrogate: Surrogate
) -> None:
    many = np.linspace(2.0, 12.0, 10_000).tolist()
    answer = predict(api, surrogate, inputs={**POINT, "lighting": many})
    assert len(answer.json()["metrics"]["heating_kwh"]["mean"]) == 10_000
    found = refusal(predict(api, surrogate, inputs={**POINT, "lighting": [*many, 3.0]}))
    assert f"/api/surrogates/{surrogate.pk}/screen/" in found["inputs"]
    assert f"engine: surrogate:{surrogate.pk}" in found["inputs"]


@pytest.mark.parametrize("state", [state for state in SurrogateState if state != SurrogateState.READY])
def test_a_surrogate_that_is_not_ready_says_what_it_is(
    api: APIClient, make_surrogate: Callable[..., Surrogate], state: SurrogateState
) -> None:
    response = predict(api, make_surrogate(state=state))
    assert response.status_code == 409
    assert f"The surrogate is {state.value}." in response.data["detail"]


def test_nobody_asks_a_surrogate_of_another_one(other_api: APIClient, surrogate: Surrogate) -> None:
    assert predict(other_api, surrogate).status_code == 404


def test_without_a_worker_it_is_said_what_to_do(
    api: APIClient, surrogate: Surrogate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import current_app

    current_app.conf.update(task_always_eager=False)
    monkeypatch.setattr(prediction.ask, "__defaults__", (0.05,))
    response = predict(api, surrogate)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "No worker for surrogates has answered" in response.data["detail"]
    assert "casefarm worker" in response.data["detail"]


def test_a_damaged_file_is_a_fault_of_the_farm_and_never_an_answer(
    api: APIClient, make_surrogate: Callable[..., Surrogate]
) -> None:
    from surrogates.emulator.errors import DamagedFileError

    damaged = make_surrogate(file_sha256="0" * 64)
    with pytest.raises(DamagedFileError):
        predict(api, damaged)


def test_a_file_is_read_once_and_the_longest_unasked_one_goes_first(
    make_surrogate: Callable[..., Surrogate], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [make_surrogate(version=version) for version in (1, 2, 3)]
    for row, name in zip(rows, "abc", strict=True):
        row.file_sha256 = name * 64
    read: list[str] = []
    monkeypatch.setattr(answers, "read_emulator", lambda row: read.append(row.file_sha256[0]) or uuid4())
    shelf = answers.Shelf(most=2)
    first = shelf.take(rows[0])
    shelf.take(rows[1])
    assert shelf.take(rows[0]) is first
    shelf.take(rows[2])
    shelf.take(rows[0])
    shelf.take(rows[1])
    assert "".join(read) == "abcb"
