"""A question to a trained surrogate over HTTP: checked as far as its row tells, sent to a worker, answered or refused.

Enters: a surrogate's row and what was asked. Leaves: the worker's answer as plain data. Called by `prediction_api`, and
by `verification` for points that are to be simulated.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError
from rest_framework import status

from problems.exceptions import Conflict, Problem, ProblemEntry
from studies.checks.units import normalise_unit
from studies.problems import shorten
from surrogates import replies
from surrogates.models import Surrogate

MOST_ROWS = 10_000
WAIT_S = 8.0
Outside = Literal["widen", "flag", "refuse"]


class AnswersUnavailable(Problem):
    """No worker for surrogates has answered in time; nothing is lost."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "answers_unavailable"
    wait = 5  # seconds; the framework writes it into the header


class AnswerFailedError(Exception):
    """A worker took a question and failed: a fault of the farm, whose log has it."""


@dataclass(frozen=True)
class Question:
    """What a surrogate is asked.

    Attributes:
        inputs: values by input, in the surrogate's units: a list for the rows, or one value for all.
        level: probability with which an interval is to hold the simulated value.
        outside: what becomes of rows outside of what was trained on.
        units: in which some of the inputs are written; checked, never converted.
    """

    inputs: Mapping[str, Any]
    level: float = 0.9
    outside: Outside = "widen"
    units: Mapping[str, str] | None = None

    @property
    def rows(self) -> int:
        """How many points are asked for: the longest list."""
        return max((len(values) for values in self.inputs.values() if isinstance(values, list)), default=1)


def ask(surrogate: Surrogate, question: Question, wait_s: float = WAIT_S) -> dict[str, Any]:
    """Return what a ready surrogate says of points.

    Returns:
        {"metrics": {name: {"mean", "low", "high"}}, each (rows,); "inside": (rows,); "strays": {input: rows}}.

    Raises:
        Problem: inputs are missing, extra, in another unit, strange or, if so wished, outside; with their paths.
        Conflict: the surrogate is gone or is not ready any more.
        AnswersUnavailable: no worker answers in time.
        AnswerFailedError: a worker failed.
    """
    refuse_question(surrogate, question)
    try:
        answer = send_question(surrogate, question, wait_s)
    except (BrokerError, RedisError) as error:
        raise AnswersUnavailable("The farm's broker does not answer at present. Ask again later.") from error
    if answer is None:
        raise AnswersUnavailable(
            f"No worker for surrogates has answered within {wait_s:g} s: none runs, or all are at work for longer. Ask"
            " again, or have a machine run one (`casefarm worker --surrogates`, docs/how-to/ask-a-surrogate.md). What"
            " is asked in the background waits for one: screen, optimise."
        )
    if "not_ready" in answer:
        raise Conflict(answer["not_ready"])
    if "problems" in answer:
        raise refuse_inputs(answer["problems"])
    if "fault" in answer:
        raise AnswerFailedError(answer["fault"])
    found: dict[str, Any] = answer["predictions"]
    return found


def send_question(surrogate: Surrogate, question: Question, wait_s: float) -> dict[str, Any] | None:
    """Send a question to the workers and return their answer; None where none comes in time."""
    from surrogates import tasks

    question_id = str(uuid.uuid4())
    asked = {"inputs": dict(question.inputs), "level": question.level, "outside": question.outside}
    # A message that nobody took in time is dropped by the worker that finds it: nobody waits for its answer.
    tasks.predict.apply_async((question_id, str(surrogate.pk), asked), task_id=question_id, expires=wait_s)
    if not connection.in_atomic_block:
        connection.close()  # back to the pool: who waits needs none
    return replies.wait_for_reply(question_id, wait_s)


def refuse_question(surrogate: Surrogate, question: Question) -> None:
    """Do nothing where a question is no larger than one call answers, and its units are those of the surrogate.

    Raises:
        Problem: it is not so.
    """
    if question.rows > MOST_ROWS:
        message = (
            f"Ask for at most {MOST_ROWS:,} points in a call. For designs by the million use"
            f" /api/surrogates/{surrogate.pk}/screen/; for a table of your own submit a batch with"
            f" `engine: surrogate:{surrogate.pk}`."
        )
        entry = ProblemEntry("inputs", message, question.rows, f"up to {MOST_ROWS:,}")
        raise Problem("There are too many points for one call.", [entry])
    entries = list(list_unit_problems(surrogate, question.units or {}))
    if entries:
        raise Problem("The units are not those of the surrogate.", entries)


def list_unit_problems(surrogate: Surrogate, units: Mapping[str, str]) -> list[ProblemEntry]:
    """Return an entry for each unit that is not the one an input was trained in."""
    trained = {column["name"]: column.get("unit") for column in surrogate.inputs}
    found = []
    for name, unit in units.items():
        if name not in trained:
            message = f"This surrogate has no input '{name}'; leave it out."
            found.append(ProblemEntry(f"units.{name}", message, unit, sorted(trained)))
        elif normalise_unit(unit) != normalise_unit(trained[name] or "1"):
            message = f"Write '{name}' in {trained[name] or '1 (a bare number)'}: none is converted."
            found.append(ProblemEntry(f"inputs.{name}", message, shorten(unit), [trained[name] or "1"]))
    return found


def refuse_inputs(problems: list[list[Any]]) -> Problem:
    """Return the answer to inputs that the emulator refused."""
    entries = [
        ProblemEntry("inputs" if name == "inputs" else f"inputs.{name}", message, found, accepted)
        for name, message, found, accepted in problems
    ]
    return Problem(f"{len(entries)} {'input was' if len(entries) == 1 else 'inputs were'} refused.", entries)
