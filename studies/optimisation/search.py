"""The next generation of an optimiser: a study and the outcomes so far in, the designs to simulate out.

Nothing of the optimiser is stored. pymoo's algorithms give the same points for the same seed and the same answers, so
a search is replayed from its beginning whenever the next generation is wanted: after a restart, on another machine.
What is known already is looked up and never asked for again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from studies.definition import OptimisationDesign, Study
from studies.designs.columns import Value
from studies.optimisation.front import Metrics, list_objectives, measure_objectives, measure_violations
from studies.optimisation.space import SearchSpace

Row = Mapping[str, Value]
Key = tuple[tuple[str, Value], ...]

FAILED_VIOLATION = 1e12
"""What a failed case counts as breaking its limits by: worse than any case that has numbers."""
SAMPLING_TRIES = 200


class SearchError(ValueError):
    """A search that cannot go on, with the reason."""


@dataclass(frozen=True)
class Generation:
    """The cases that an optimiser wants to know of next.

    Attributes:
        number: 0 for the first generation.
        rows: A value for each parameter that is not derived; every row is new and keeps the constraints.
    """

    number: int
    rows: tuple[dict[str, Value], ...]


def make_key(study: Study, values: Row) -> Key:
    """Return what two cases of the same design share: the values of the parameters that are not derived."""
    return tuple(
        (parameter.name, values[parameter.name])
        for parameter in study.parameters
        if parameter.derived is None and parameter.name in values
    )


def propose_generation(study: Study, known: Mapping[Key, Metrics | None]) -> Generation | None:
    """Return the next generation of a search.

    Args:
        study: A study whose design is an optimiser.
        known: Metrics of the designs that have run, None for a failed one, by `make_key` of their rows.

    Returns:
        The designs of the next generation that are not known yet; None once the search is over: its generations are
        spent, or it finds nothing new.

    Raises:
        SearchError: No design was found that keeps the study's constraints.
        DesignError: A constraint or a derived parameter has no value at a point.
    """
    design = study.design
    assert isinstance(design, OptimisationDesign)  # noqa: S101 - nothing else is searched
    space = SearchSpace(study)
    algorithm = _make_algorithm(design, space)
    number = 0
    while algorithm.has_next():
        population = algorithm.ask()
        if population is None or not len(population):
            return None
        shares = np.atleast_2d(np.asarray(population.get("X"), dtype=np.float64))
        rows, kept = space.decode(shares), space.keeps_constraints(shares)
        wanted = {make_key(study, row): row for row, keeps in zip(rows, kept, strict=True) if keeps}
        new = tuple(row for key, row in wanted.items() if key not in known)
        if new:
            return Generation(number, new)
        outcomes = [known[make_key(study, row)] if keeps else None for row, keeps in zip(rows, kept, strict=True)]
        _tell(algorithm, population, design, outcomes)
        number += 1
    return None


def _make_algorithm(design: OptimisationDesign, space: SearchSpace) -> Any:
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.algorithms.soo.nonconvex.de import DE
    from pymoo.core.problem import Problem

    make: Callable[..., Any] = NSGA2 if design.method == "nsga2" else DE
    algorithm = make(pop_size=design.population, sampling=_sample(design, space))
    problem = Problem(
        n_var=space.width, n_obj=len(list_objectives(design)), n_ieq_constr=len(design.limits) + 1, xl=0.0, xu=1.0
    )
    algorithm.setup(problem, termination=("n_gen", design.generations), seed=design.seed, verbose=False)
    return algorithm


def _sample(design: OptimisationDesign, space: SearchSpace) -> NDArray[np.float64]:
    """Return the first generation: points of Sobol's sequence that keep the constraints, (population, width)."""
    sampler = qmc.Sobol(d=space.width, scramble=True, rng=design.seed)
    found: list[NDArray[np.float64]] = []
    count = 0
    for _ in range(SAMPLING_TRIES):
        shares = sampler.random(2 ** max(design.population - 1, 1).bit_length())
        found.append(shares[space.keeps_constraints(shares)])
        count += len(found[-1])
        if count >= design.population:
            return np.concatenate(found)[: design.population]
    message = (
        f"Of {SAMPLING_TRIES * 2 ** max(design.population - 1, 1).bit_length():,} designs only {count:,} keep the"
        f" constraints, too few for a population of {design.population}; loosen them."
    )
    raise SearchError(message)


def _tell(algorithm: Any, population: Any, design: OptimisationDesign, outcomes: list[Metrics | None]) -> None:
    from pymoo.core.evaluator import Evaluator
    from pymoo.problems.static import StaticProblem

    values = measure_objectives(design, outcomes)
    violations = measure_violations(design, outcomes)
    failed = np.isnan(values).any(axis=1) | np.isnan(violations).any(axis=1)
    values[failed] = FAILED_VIOLATION
    violations[failed] = 0.0
    last = np.where(failed, FAILED_VIOLATION, 0.0)[:, None]
    static = StaticProblem(algorithm.problem, F=values, G=np.hstack([violations, last]))
    Evaluator().eval(static, population)
    algorithm.tell(infills=population)
