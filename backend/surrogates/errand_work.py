"""Errands as the emulator is asked for them: a question goes in, the answer as plain data comes out.

Called by `errands`, in worker processes only: importing this module brings torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from surrogates.emulator.aims import Aims, Limit, Objective
from surrogates.emulator.dependence import DependenceWish, measure_dependence
from surrogates.emulator.designs import DesignWish
from surrogates.emulator.devices import Hardware
from surrogates.emulator.emulator import Emulator
from surrogates.emulator.explanation import SensitivityWish, explain
from surrogates.emulator.screening import ScreeningWish, screen
from surrogates.emulator.searching import SearchWish, search
from surrogates.emulator.space import SpaceWish
from surrogates.emulator.watching import Watch
from surrogates.questions import (
    SAMPLES,
    AimedQuestion,
    DependenceQuestion,
    Question,
    ScreeningQuestion,
    SearchQuestion,
    SensitivityQuestion,
)
from surrogates.states import ErrandKind


@dataclass(frozen=True)
class Task:
    """What an errand is done with."""

    emulator: Emulator
    hardware: Hardware
    watch: Watch


def screen_designs(task: Task, question: ScreeningQuestion) -> dict[str, Any]:
    """Return the best of many designs."""
    design = DesignWish(question.method, question.count, question.seed, question.levels or None)
    wish = ScreeningWish(make_aims(question), design, make_space(question), question.keep, question.top)
    return screen(task.emulator, wish, task.hardware, task.watch).to_json()


def search_front(task: Task, question: SearchQuestion) -> dict[str, Any]:
    """Return the front that a search finds."""
    wish = SearchWish(
        make_aims(question), make_space(question), question.population, question.generations, question.seed
    )
    return search(task.emulator, wish, task.hardware, task.watch).to_json()


def measure_indices(task: Task, question: SensitivityQuestion) -> dict[str, Any]:
    """Return which inputs matter."""
    samples = question.samples or SAMPLES[question.method]
    wish = SensitivityWish(question.metrics, question.method, samples, make_space(question), question.seed)
    return explain(task.emulator, wish, task.hardware, task.watch).to_json()


def draw_curves(task: Task, question: DependenceQuestion) -> dict[str, Any]:
    """Return what one or two inputs do."""
    numbers = (question.points, question.background, question.curves)
    wish = DependenceWish(question.of, question.metrics, *numbers, make_space(question), question.seed)
    return measure_dependence(task.emulator, wish, task.hardware, task.watch).to_json()


def make_aims(question: AimedQuestion) -> Aims:
    """Return what a question aims at."""
    objectives = tuple(Objective(goal.metric, goal.goal) for goal in question.objectives)
    limits = tuple(Limit(limit.metric, limit.sense, float(limit.bound)) for limit in question.limits)
    return Aims(objectives, limits, float(question.level), question.outside)


def make_space(question: Question) -> SpaceWish:
    """Return what a question narrows the inputs to."""
    return SpaceWish(question.ranges, question.fixed, question.choices, question.constraints)


WORK: dict[ErrandKind, Callable[[Task, Any], dict[str, Any]]] = {
    ErrandKind.SCREENING: screen_designs,
    ErrandKind.OPTIMISATION: search_front,
    ErrandKind.SENSITIVITY: measure_indices,
    ErrandKind.DEPENDENCE: draw_curves,
}
