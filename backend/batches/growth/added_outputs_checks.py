"""Which outputs can be added to a batch: looked up in the SQLite file of one case of each model. Called by the API."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from batches import storage
from batches.growth.added_outputs import is_reported, open_results
from batches.models import Batch, Case
from batches.plans import Plan, plan_of
from batches.states import CaseState
from energyplus.outputs import OutputRequest
from energyplus.results.timeseries import list_reported
from studies.checks import structure
from studies.checks.outputs import check_outputs
from studies.definition import MAX_OUTPUTS, Output
from studies.problems import InvalidStudy, Problem, list_names, make_problem, nearest_names

LOOKED_AT = 1000
"""Cases among which one of each model is looked for."""

_OUTPUTS: TypeAdapter[tuple[Output, ...]] = TypeAdapter(tuple[Output, ...])


def check_added_outputs(batch: Batch, raw: Any) -> tuple[Output, ...]:
    """Return the outputs that somebody wants to have added to an ended batch, once they are known to be there.

    Args:
        batch: its files are read.
        raw: the list as it was sent.

    Raises:
        InvalidStudy: with every problem: an output that is malformed, that the study asks for already, or that no
            file has, with the names that are nearest.
    """
    plan = plan_of(batch)
    outputs = read_outputs(raw)
    problems = [*refuse_repeated(plan, outputs), *refuse_too_many(plan, outputs)]
    reported = read_reported(batch, plan)
    if not reported:
        problems.append(
            make_problem("outputs", "No case of this batch has a SQLite file to read them from.", None, None)
        )
    else:
        problems += refuse_unreported(outputs, reported)
    if problems:
        raise InvalidStudy(problems)
    return outputs


def read_outputs(raw: Any) -> tuple[Output, ...]:
    """Return well-formed outputs.

    Raises:
        InvalidStudy: they are not, one asks for what another does, or there is none.
    """
    problems: list[Problem] = []
    if raw in (None, []):
        message = "Write a list of outputs: [{meter: …, frequency: …}, {variable: …, frequency: …}]."
        problems.append(make_problem("outputs", message, raw, "a list"))
    else:
        check_outputs(structure.read_outputs(raw, problems), {}, problems, [])
    if problems:
        raise InvalidStudy(problems)
    return _OUTPUTS.validate_python(raw)


def refuse_repeated(plan: Plan, outputs: Sequence[Output]) -> Iterator[Problem]:
    """Yield a problem for each output that the study asks for already."""
    for position, output in enumerate(outputs):
        request = output.request
        if any(covers(known, request) for known in plan.study.output_requests):
            message = "Leave it out: the study asks for it already."
            yield make_problem(f"outputs[{position}]", message, request.name, "each series once")


def covers(known: OutputRequest, request: OutputRequest) -> bool:
    """Return whether all that a request asks for was asked for by another one."""
    return known.identity == request.identity or (known.key == "*" and known.identity[:3] == request.identity[:3])


def refuse_too_many(plan: Plan, outputs: Sequence[Output]) -> Iterator[Problem]:
    """Yield a problem where a study with these outputs would be refused for their number."""
    total = len(plan.study.outputs) + len(outputs)
    if total > MAX_OUTPUTS:
        yield make_problem("outputs", "Ask for fewer outputs.", f"{total:,}", f"at most {MAX_OUTPUTS:,}")


def read_reported(batch: Batch, plan: Plan) -> dict[str, tuple[OutputRequest, ...]]:
    """Return what the file of one case of each model has, by the model's reference; none where no file is there."""
    found: dict[str, tuple[OutputRequest, ...]] = {}
    cases = Case.objects.filter(batch_id=batch.pk, state=CaseState.SUCCEEDED).order_by("index")
    for case in islice(cases.iterator(), LOOKED_AT):
        model = plan.points[case.index].model
        if model not in found:
            folder = storage.case_folder(batch.pk, batch.shard_of(case.index), case.index, case.attempt)
            with open_results(folder) as results:
                if results is not None:
                    found[model] = list_reported(results)
        if len(found) == len(plan.models):
            break
    return found


def refuse_unreported(outputs: Sequence[Output], reported: dict[str, tuple[OutputRequest, ...]]) -> Iterator[Problem]:
    """Yield a problem for each output that no model's file has, with what comes nearest."""
    known = [request for requests in reported.values() for request in requests]
    for position, output in enumerate(outputs):
        request = output.request
        if not is_reported(request, known):
            yield explain_unreported(f"outputs[{position}]", request, known)


def explain_unreported(path: str, request: OutputRequest, known: Sequence[OutputRequest]) -> Problem:
    """Return why an output cannot be added: its name, its frequency or its key is in no file."""
    alike = [found for found in known if found.identity[:2] == request.identity[:2]]
    if not alike:
        names = dict.fromkeys(found.name for found in known if found.kind == request.kind)
        message = f"The files of this batch have no {request.kind} '{request.name}'{hint(known)}."
        return make_problem(f"{path}.{request.kind}", message, request.name, nearest_names(request.name, names))
    frequencies = list(dict.fromkeys(found.frequency for found in alike))
    if request.frequency not in frequencies:
        message = f"The files of this batch have {request.name} {list_names(frequencies)}, not {request.frequency}."
        return make_problem(f"{path}.frequency", message, request.frequency, frequencies)
    keys = dict.fromkeys(found.key for found in alike)
    message = f"The files of this batch have {request.name} of other objects."
    return make_problem(f"{path}.key", message, request.key, nearest_names(request.key, keys))


def hint(known: Sequence[OutputRequest]) -> str:
    """Return what else to try, where the files have little more than the farm itself needs."""
    if any(found.frequency in ("hourly", "timestep") for found in known):
        return ""
    return "; only with `keep: full` do they have what the models themselves ask for"
