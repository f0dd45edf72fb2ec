"""A sample and a wish in, the answer out: chooses the method, leaves out what cannot be used and says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.problems import count_of, list_names
from studies.sensitivity import designed, given_data
from studies.sensitivity.answers import INDICES, Analysis, Findings, Method, SensitivityRefused
from studies.sensitivity.designed import Result
from studies.sensitivity.factors import CodedFactor, Factor, is_known, list_factors, list_places
from studies.sensitivity.sample import Floats, Mask, Sample, at_place
from studies.sensitivity.support import check_method, explain_refusal, list_supported

SAME = 1e-12
_DESIGNED: dict[Method, Callable[[Sample, Sequence[Factor]], Result]] = {
    "morris": designed.analyse_morris,
    "sobol": designed.analyse_sobol,
}
_GIVEN_DATA: dict[Method, Callable[[Sample, Sequence[CodedFactor]], Findings]] = {
    "regression": given_data.analyse_regression,
    "pawn": given_data.analyse_pawn,
    "delta": given_data.analyse_delta,
}


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        metric: its name, for messages.
        method: None for the one that says most.
        weather: only cases of this weather, as the study writes it.
        model: only cases of this model, likewise.
    """

    metric: str
    method: Method | None = None
    weather: str | None = None
    model: str | None = None


def analyse(sample: Sample, wish: Wish) -> Analysis:
    """Return which factors of a study matter for a metric.

    Args:
        sample: the cases of a batch.
        wish: what is asked for.

    Raises:
        SensitivityRefused: the cases cannot bear it, with the reason and the way out.
    """
    _check_place(sample.study, wish)
    if wish.method is not None:
        check_method(sample.study, wish.method)
    place = at_place(sample, {"model": wish.model, "weather": wish.weather})
    _check_metric(place, wish.metric)
    if wish.method is not None:
        return _answer(place, wish, wish.method, _run(place, wish, wish.method))
    return _choose(place, wish)


def _choose(place: Sample, wish: Wish) -> Analysis:
    """Answer by the first method that the cases bear; a poor regression gives way to PAWN."""
    supported = list_supported(place.study)
    if not supported:
        raise SensitivityRefused("method", explain_refusal(place.study, "regression"))
    refusals: list[SensitivityRefused] = []
    for method in supported:
        try:
            result = _run(place, wish, method)
        except SensitivityRefused as refusal:
            if refusal.path != "method":
                raise
            refusals.append(refusal)
            continue
        told = [f"Not {tried}: {refusal}" for tried, refusal in zip(supported, refusals, strict=False)]
        if method == "regression" and "pawn" in supported and max(result.findings.fit.values()) < given_data.GOOD_R2:
            return _prefer_pawn(place, wish, result, told)
        return _answer(place, wish, method, result, told)
    raise refusals[0]


def _prefer_pawn(place: Sample, wish: Wish, regression: Result, told: Sequence[str]) -> Analysis:
    best = max(regression.findings.fit.values())
    try:
        found = _run(place, wish, "pawn")
    except SensitivityRefused:
        return _answer(place, wish, "regression", regression, told)
    note = f"PAWN was chosen because a regression explains only {best:.0%} of the variance."
    return _answer(place, wish, "pawn", found, [*told, note])


def _check_place(study: Study, wish: Wish) -> None:
    for what, ref, refs in (("weather", wish.weather, study.weathers), ("model", wish.model, study.models)):
        if ref is not None and ref not in refs:
            raise SensitivityRefused(what, f"The study has no {what} '{ref}'.", refs)


def _check_metric(place: Sample, metric: str) -> None:
    values = place.values[place.is_usable]
    if not len(values):
        told = "; ".join(place.tell_fates())
        message = f"No case can be used: {told}." if told else "There is no case of this weather and model."
        raise SensitivityRefused("method", message)
    missing = int(np.isnan(values).sum())
    if missing:
        raise SensitivityRefused(
            "metric",
            f"{missing:,} of {count_of(len(values), 'case')} {'has' if missing == 1 else 'have'} no {metric}."
            " Choose a metric that every case reports, or a model that always reports this one.",
        )


def _check_varies(metric: Floats, name: str) -> None:
    if np.ptp(metric) <= SAME * np.abs(metric).max():
        message = f"{name} is the same in all {metric.size:,} cases that can be used: there is nothing to explain."
        raise SensitivityRefused("metric", message)


def _run(place: Sample, wish: Wish, method: Method) -> Result:
    if method in _GIVEN_DATA:
        return _run_given_data(place, wish, method)
    _check_one_place(place.study, wish)
    _check_varies(place.values[place.is_usable], wish.metric)
    return _DESIGNED[method](place, list_factors(place.study))


def _check_one_place(study: Study, wish: Wish) -> None:
    """Refuse several places together: a design of blocks is whole at each."""
    for place in list_places(study, {"model": wish.model, "weather": wish.weather}):
        refs = study.models if place.name == "model" else study.weathers
        message = f"The design was run whole for each {place.name}: choose one of the {len(refs)}."
        raise SensitivityRefused(place.name, message, refs)


def _run_given_data(place: Sample, wish: Wish, method: Method) -> Result:
    chosen = {"model": wish.model, "weather": wish.weather}
    candidates = [*list_places(place.study, chosen), *list_factors(place.study)]
    rows, reasons = _choose_rows(place, is_known(candidates, place.columns, len(place)), method)
    used = place.choose(rows)
    coded = used.code(candidates)
    varying = [factor for factor in coded if factor.varies]
    if not varying:
        raise SensitivityRefused("method", "No parameter has more than one value in the cases that can be used.")
    _check_varies(used.values, wish.metric)
    findings = _GIVEN_DATA[method](used, varying)
    constant = [factor.factor.name for factor in coded if not factor.varies]
    if constant:
        note = f"Left out, with a single value in these cases: {list_names(constant)}."
        findings = replace(findings, notes=(*findings.notes, note))
    return Result(findings, used.values, tuple(reasons))


def _choose_rows(place: Sample, known: Mask, method: Method) -> tuple[NDArray[np.int64], list[str]]:
    """Return the positions of the cases that a method uses, and why others that succeeded are left out."""
    rows = np.flatnonzero(place.is_usable & known)
    reasons = []
    unknown = int((place.is_usable & ~known).sum())
    if unknown:
        reasons.append(f"{count_of(unknown, 'case')} without a value of every parameter")
    if method != "regression":
        independent = given_data.is_independent(place)[rows]
        if not independent.all():
            mixed = int((~independent).sum())
            reasons.append(f"{count_of(mixed, 'case')} that mix the values of two others")
        rows = rows[independent]
    most = given_data.count_cases(method, len(list_factors(place.study)))
    if len(rows) > most:
        reasons.append(f"{count_of(len(rows) - most, 'case')} beyond the first {most:,} that this method uses")
        rows = rows[:most]
    return rows, reasons


def _answer(place: Sample, wish: Wish, method: Method, result: Result, told: Sequence[str] = ()) -> Analysis:
    findings = result.findings
    sorted_by = findings.sorted_by or INDICES[method][0].name
    notes = [*told, *findings.notes]
    if place.unfinished:
        notes.insert(0, f"So far: {place.unfinished:,} of {count_of(len(place), 'case')} have not finished.")
    weathers, models = place.study.weathers, place.study.models
    return Analysis(
        method=method,
        weather=wish.weather or (weathers[0] if len(weathers) == 1 else "") or None,
        model=wish.model or (models[0] if len(models) == 1 else "") or None,
        cases_used=result.metric.size,
        cases_left_out=len(place) - result.metric.size,
        reasons=(*place.tell_fates(), *result.reasons),
        is_complete=not place.unfinished,
        sorted_by=sorted_by,
        factors=tuple(sorted(findings.factors, key=lambda found: -abs(found.values[sorted_by]))),
        pairs=findings.pairs,
        fit=findings.fit,
        noise=findings.noise,
        notes=tuple(notes),
    )
