"""A design: the rule that picks the cases of a study."""

from typing import Annotated, Literal

from pydantic import Field

from studies.definition.values import ParameterValue, StrictCount, StrictFlag, StudyPart, Text

MAX_ROWS = 100_000
MAX_SAMPLES = 10_000_000
MAX_LEVELS = 1_000
MAX_POPULATION = 1_000

Samples = Annotated[StrictCount, Field(ge=1, le=MAX_SAMPLES)]
Seed = Annotated[StrictCount, Field(ge=0, le=2**32 - 1)]
Rows = Annotated[tuple[dict[str, ParameterValue], ...], Field(min_length=1, max_length=MAX_ROWS)]

_ROWS = "A mapping for each case: a value for each parameter, and `model` and `weather` where several."
_SEED = "The same seed gives the same cases."


class GridDesign(StudyPart):
    """Every value with every other value; run in an order whose every beginning is balanced."""

    method: Literal["grid"]
    levels: Annotated[StrictCount, Field(ge=2, le=MAX_LEVELS)] | None = Field(
        default=None, description="How many values a continuous range is divided into; lists have their own."
    )


class LatinHypercubeDesign(StudyPart):
    """Latin hypercube samples: each parameter's range in `samples` equal strata, one sample in each."""

    method: Literal["lhs"]
    samples: Samples = Field(description="Number of cases.")
    seed: Seed = Field(default=0, description=_SEED)
    centred: StrictFlag = Field(default=False, description="Whether each sample stands in the middle of its stratum.")
    optimise: Literal["maximin"] | None = Field(
        default=None, description="`maximin` keeps the smallest distance between two samples as large as it can."
    )


class SobolDesign(StudyPart):
    """Points of Sobol's sequence, scrambled (Owen): even at every length, best at powers of two."""

    method: Literal["sobol"]
    samples: Samples = Field(description="Number of cases.")
    seed: Seed = Field(default=0, description=_SEED)


class HaltonDesign(StudyPart):
    """Points of Halton's sequence, scrambled: even at every length."""

    method: Literal["halton"]
    samples: Samples = Field(description="Number of cases.")
    seed: Seed = Field(default=0, description=_SEED)


class RandomDesign(StudyPart):
    """Independent random samples (Monte Carlo)."""

    method: Literal["random"]
    samples: Samples = Field(description="Number of cases.")
    seed: Seed = Field(default=0, description=_SEED)


class MorrisDesign(StudyPart):
    """Trajectories of one step in each parameter, for elementary effects: (parameters + 1) cases each."""

    method: Literal["morris"]
    trajectories: Samples = Field(description="Number of trajectories; 10 to 50 are usual.")
    levels: Annotated[StrictCount, Field(ge=2, le=MAX_LEVELS)] = Field(
        default=4, description="Levels of the grid that the trajectories walk on; an even number."
    )
    seed: Seed = Field(default=0, description=_SEED)


class SaltelliDesign(StudyPart):
    """Saltelli's sample for Sobol' indices: samples x (parameters + 2) cases, or x (2 parameters + 2)."""

    method: Literal["saltelli"]
    samples: Samples = Field(description="Number of base samples, a power of two.")
    second_order: StrictFlag = Field(
        default=False, description="Whether indices of pairs of parameters are wanted as well."
    )
    seed: Seed = Field(default=0, description=_SEED)


class OneAtATimeDesign(StudyPart):
    """One parameter varies at a time, the others stay as the models have them: the unmodified model is the centre."""

    method: Literal["one_at_a_time"]
    levels: Annotated[StrictCount, Field(ge=2, le=MAX_LEVELS)] | None = Field(
        default=None, description="How many values a continuous range is divided into; lists have their own."
    )


class TableDesign(StudyPart):
    """The points themselves: a row for each case, with a value for each parameter."""

    method: Literal["table"]
    rows: Rows = Field(description=_ROWS)


class Objective(StudyPart):
    """A metric that an optimiser makes as small, or as large, as it can."""

    metric: Text = Field(description="Metric of the result table.", examples=["total_site_energy_kwh"])
    goal: Literal["minimise", "maximise"] = Field(default="minimise", description="Which way is better.")


_LIMITS = "What a solution must keep to: comparisons of metrics with numbers, like `unmet_heating_hours <= 300`."
Limits = Annotated[tuple[Text, ...], Field(max_length=20)]
Population = Annotated[StrictCount, Field(ge=4, le=MAX_POPULATION)]
Generations = Annotated[StrictCount, Field(ge=1, le=1_000)]


class Nsga2Design(StudyPart):
    """NSGA-II: cases chosen generation by generation towards the Pareto front of several objectives."""

    method: Literal["nsga2"]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1, max_length=4)] = Field(
        description="One to four metrics to weigh against each other."
    )
    limits: Limits = Field(default=(), description=_LIMITS)
    population: Population = Field(default=24, description="Cases of a generation.")
    generations: Generations = Field(description="Number of generations, the first included.")
    seed: Seed = Field(default=0, description=_SEED)


class DifferentialEvolutionDesign(StudyPart):
    """Differential evolution: cases chosen generation by generation towards the best of one objective."""

    method: Literal["differential_evolution"]
    objective: Objective = Field(description="The metric.")
    limits: Limits = Field(default=(), description=_LIMITS)
    population: Population = Field(default=24, description="Cases of a generation.")
    generations: Generations = Field(description="Number of generations, the first included.")
    seed: Seed = Field(default=0, description=_SEED)


Design = Annotated[
    GridDesign
    | LatinHypercubeDesign
    | SobolDesign
    | HaltonDesign
    | RandomDesign
    | MorrisDesign
    | SaltelliDesign
    | OneAtATimeDesign
    | TableDesign
    | Nsga2Design
    | DifferentialEvolutionDesign,
    Field(discriminator="method"),
]
OptimisationDesign = Nsga2Design | DifferentialEvolutionDesign
DESIGNS: dict[str, type[StudyPart]] = {
    "grid": GridDesign,
    "lhs": LatinHypercubeDesign,
    "sobol": SobolDesign,
    "halton": HaltonDesign,
    "random": RandomDesign,
    "morris": MorrisDesign,
    "saltelli": SaltelliDesign,
    "one_at_a_time": OneAtATimeDesign,
    "table": TableDesign,
    "nsga2": Nsga2Design,
    "differential_evolution": DifferentialEvolutionDesign,
}
"""The designs by their `method`."""


class MoreSamples(StudyPart):
    """More of a batch's own design: the same sequence goes on."""

    samples: Samples = Field(
        description="How many cases more; trajectories of a morris design, base samples of a saltelli one."
    )


class MoreRows(StudyPart):
    """Points of one's own, after those of a batch's design."""

    rows: Rows = Field(description=_ROWS)
    generation: Annotated[StrictCount, Field(ge=0)] | None = Field(
        default=None, description="Which generation of a search they are, 0 for the first; none of points of one's own."
    )


Extension = MoreSamples | MoreRows
"""What a finished batch, or an optimiser, adds to a study's points."""
