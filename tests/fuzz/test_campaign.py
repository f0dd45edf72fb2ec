"""Five hundred broken models and weather files: whatever is in them, somebody says what became of each."""

import pytest

from energyplus.models.description import describe_model
from tests.fuzz.campaign import KINDS, run_campaign
from tests.fuzz.models import SHED, as_epjson
from tests.fuzz.mutations import mutate_epjson, mutate_epw, mutate_idf

pytestmark = pytest.mark.engine


def test_five_hundred_broken_inputs_come_to_an_end_that_somebody_tells() -> None:
    """A process that dies, a canary found or a listener called would fail it; so would an end without a message."""
    findings = run_campaign(seed=1, numbers=range(500), jobs=2)
    assert [finding.number for finding in findings] == list(range(500))
    assert [finding for finding in findings if finding.end == "escaped"] == []
    assert [finding for finding in findings if finding.end != "succeeded" and not finding.message] == []
    # Inputs that all end at the gate, or all run, would test nothing.
    for kind in KINDS:
        ends = [finding.end for finding in findings if finding.kind == kind]
        assert 10 < ends.count("refused") < len(ends) - 10
    # What passes the check of weather files does not end the engine by a signal.
    assert [finding for finding in findings if finding.kind == "epw" and finding.end == "crashed"] == []


def test_an_input_is_made_of_its_number_alone() -> None:
    from random import Random

    idf, document = SHED.read_text(encoding="utf-8"), as_epjson(describe_model(SHED))
    weather = "\n".join(["LOCATION,a"] * 8 + ["1986,1,1,1,0,?,1,2,3"] * 30)
    for make in (
        lambda random: mutate_idf(random, idf, "/canary"),
        lambda random: mutate_epjson(random, document, "/canary"),
        lambda random: mutate_epw(random, weather),
    ):
        assert make(Random("1/7")) == make(Random("1/7")) != make(Random("1/8"))
