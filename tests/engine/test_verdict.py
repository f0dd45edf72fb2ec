"""Numbers are valid, or suspect with every reason for doubt."""

from typing import Any

from energyplus.results.diagnostics import Diagnostics, read_diagnostics_of
from energyplus.results.metrics import METRICS
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.success import Failure
from energyplus.results.verdict import Verdict, judge_outcome

UNSETTLED = '   ** Severe  ** CheckWarmupConvergence: Zone="{}" did not converge after 25 warmup days.\n'


def judge(err: str = "", **metrics: Any) -> Verdict:
    found = read_diagnostics_of([err.encode()])
    sound = {**dict.fromkeys(METRICS), "total_site_energy_kwh": 1.0, "unmet_heating_hours": 300.0}
    return judge_outcome(SimulationOutcome("succeeded", {**sound, **metrics}, diagnostics=found))


def test_a_sound_case_is_valid_warnings_and_all() -> None:
    assert judge("   ** Warning ** odd\n") == Verdict("valid")


def test_a_case_without_results_is_failed_with_its_message() -> None:
    failed = SimulationOutcome("failed", {}, Failure("fatal", "No surfaces."), Diagnostics())
    assert judge_outcome(failed) == Verdict("failed", ("No surfaces.",))


def test_severe_errors_are_counted_and_the_first_is_quoted() -> None:
    assert judge("   ** Severe  ** odd\n").reasons == ("1 severe error: odd",)
    assert judge("   ** Severe  ** odd\n   ** Severe  ** worse\n").reasons == ("2 severe errors: odd",)


def test_an_unsettled_warm_up_is_a_reason_of_its_own() -> None:
    assert judge(UNSETTLED.format("ATTIC") * 2).reasons == (
        "the warm-up did not converge within 25 days in zone ATTIC",
    )
    both = judge("   ** Severe  ** odd\n" + "".join(UNSETTLED.format(zone) for zone in "ABCDE")).reasons
    assert both == (
        "the warm-up did not converge within 25 days in zones A, B, C and 2 more",
        "1 severe error: odd",
    )


def test_more_than_300_unmet_hours_are_doubtful() -> None:
    assert judge(unmet_heating_hours=300.5, unmet_cooling_hours=4000.0).reasons == (
        "heating set-points were not met in 300.5 occupied hours (limit 300)",
        "cooling set-points were not met in 4000 occupied hours (limit 300)",
    )


def test_no_energy_is_doubtful() -> None:
    for nothing in (None, 0.0):
        assert judge(total_site_energy_kwh=nothing).reasons == ("the model uses no energy at all",)
