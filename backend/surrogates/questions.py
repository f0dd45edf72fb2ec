"""What a surrogate can be asked in the background, as it is written: one definition for API, client and worker.

Names and bounds are the emulator's (`emulator/screening.py`, `searching.py`, `explanation.py`), which this module does
not import: it is read in processes without torch.
"""

from typing import Annotated, Literal

from pydantic import Field

from studies.definition.values import MAX_EXPRESSION, Number, ParameterValue, StrictCount, StudyPart, Text
from surrogates.states import ErrandKind

MOST_DESIGNS = 10_000_000
MOST_KEPT = 10_000
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Level = Annotated[Number, Field(ge=0.5, le=0.99)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Outside = Literal["widen", "flag", "refuse"]


class Goal(StudyPart):
    """A metric that is to be small, or large."""

    metric: Text = Field(description="Metric that the surrogate answers for.", examples=["heating_kwh"])
    goal: Literal["minimise", "maximise"] = Field(default="minimise", description="Which way is better.")


class Bound(StudyPart):
    """What a metric has to keep to, with the pessimistic end of its interval."""

    metric: Text = Field(description="Metric that the surrogate answers for.")
    sense: Literal["<=", ">="] = Field(description="Which side of the bound is accepted.")
    bound: Number = Field(description="In the metric's unit.")


class Question(StudyPart):
    """What all errands have: where the inputs may be."""

    ranges: dict[Name, tuple[Number, Number]] = Field(
        default={}, description="Low and high end by input, within what was trained on; the whole range if left out."
    )
    fixed: dict[Name, ParameterValue] = Field(default={}, description="One value by input.")
    choices: dict[Name, Annotated[tuple[ParameterValue, ...], Field(min_length=1, max_length=1000)]] = Field(
        default={}, description="Values by input, of numbers or of texts."
    )
    constraints: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)], ...], Field(max_length=20)
    ] = Field(default=(), description="Conditions of inputs that all points keep.", examples=["wwr * shgc <= 0.2"])
    seed: Seed = Field(default=0, description="The same seed gives the same answer.")


class AimedQuestion(Question):
    """An errand that looks for good points."""

    objectives: Annotated[tuple[Goal, ...], Field(min_length=1, max_length=4)] = Field(
        description="One to four metrics to weigh against each other."
    )
    limits: Annotated[tuple[Bound, ...], Field(max_length=20)] = Field(
        default=(), description="What points have to keep to, with their intervals."
    )
    level: Level = Field(default=0.9, description="Of the intervals.")
    outside: Outside = Field(
        default="widen", description="What becomes of points outside of the domain; `refuse` leaves them out."
    )


class ScreeningQuestion(AimedQuestion):
    """Look through very many designs, and keep the front or the best."""

    method: Literal["sobol", "grid"] = Field(default="sobol", description="How the designs are laid out.")
    count: Annotated[StrictCount, Field(ge=1, le=MOST_DESIGNS)] = Field(
        default=100_000, description="How many designs; of a grid the most."
    )
    levels: dict[Name, Annotated[StrictCount, Field(ge=2, le=1000)]] = Field(
        default={}, description="Of a grid: levels by input with a range; the others take equally many."
    )
    keep: Literal["front", "top"] = Field(
        default="front", description="What no other is better than in every objective, or the best of one objective."
    )
    top: Annotated[StrictCount, Field(ge=1, le=MOST_KEPT)] = Field(default=100, description="How many of them.")


class SearchQuestion(AimedQuestion):
    """Search for the front by NSGA-II, generation by generation."""

    population: Annotated[StrictCount, Field(ge=4, le=10_000)] = Field(
        default=100, description="Points of a generation."
    )
    generations: Annotated[StrictCount, Field(ge=1, le=10_000)] = Field(
        default=100, description="How many, the first included."
    )


class SensitivityQuestion(Question):
    """Which inputs matter for metrics."""

    metrics: Annotated[tuple[Text, ...], Field(max_length=50)] = Field(
        default=(), description="Of these metrics; all if left out."
    )
    method: Literal["sobol", "morris"] = Field(default="sobol", description="Variance, or elementary effects.")
    samples: Annotated[StrictCount, Field(ge=4, le=16_384)] | None = Field(
        default=None,
        description="Base points of Sobol' indices, a power of two from 64 (1,024 if left out); trajectories of"
        " Morris', up to 1,000 (100 if left out).",
    )


class DependenceQuestion(Question):
    """What one or two inputs do to metrics, the others averaged over."""

    of: Annotated[tuple[Name, ...], Field(min_length=1, max_length=2)] = Field(description="One input, or two.")
    metrics: Annotated[tuple[Text, ...], Field(max_length=50)] = Field(
        default=(), description="Of these metrics; all if left out."
    )
    points: Annotated[StrictCount, Field(ge=2, le=200)] = Field(
        default=20, description="Values of each input that has a range; of a list all are taken."
    )
    background: Annotated[StrictCount, Field(ge=16, le=4096)] = Field(
        default=128, description="Points of the other inputs that are averaged over."
    )
    curves: Annotated[int, Field(strict=True, ge=0, le=200)] = Field(
        default=0, description="How many single curves to give beside the mean one."
    )


SAMPLES = {"sobol": 1024, "morris": 100}  # where nothing is said
FEWEST_SAMPLES = {"sobol": 64, "morris": 4}
MOST_SAMPLES = {"sobol": 16_384, "morris": 1_000}
MOST_POINTS_OF_INDICES = 500_000
MOST_POINTS_OF_CURVES = 100_000

QUESTIONS: dict[ErrandKind, type[Question]] = {
    ErrandKind.SCREENING: ScreeningQuestion,
    ErrandKind.OPTIMISATION: SearchQuestion,
    ErrandKind.SENSITIVITY: SensitivityQuestion,
    ErrandKind.DEPENDENCE: DependenceQuestion,
}
