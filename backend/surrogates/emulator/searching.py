"""Search by NSGA-II over a surrogate: aims and a space go in, the front of everything that was asked comes out.

pymoo proposes a generation, the surrogate predicts it as one batch. The first generation may hold what a screening
found; what is kept is the front of all generations, not only of the last.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from studies.optimisation.violations import measure_violation
from surrogates.emulator.aims import Aims, Points, join_points
from surrogates.emulator.designs import SobolDesign
from surrogates.emulator.devices import Hardware
from surrogates.emulator.emulator import Emulator, Outside
from surrogates.emulator.errors import WishRefused
from surrogates.emulator.fronts import find_front
from surrogates.emulator.space import Rows, Space, SpaceWish
from surrogates.emulator.watching import Watch

Floats = NDArray[np.float64]

STAGE = "Search"
FEWEST, MOST_POPULATION, MOST_GENERATIONS = 4, 10_000, 10_000
MOST_KEPT = 10_000


@dataclass(frozen=True)
class SearchWish:
    """What is searched for, and how long.

    Attributes:
        aims: objectives and limits.
        space: what the inputs are narrowed to.
        population: points of a generation.
        generations: how many, the first included.
        seed: the same seed gives the same search.
    """

    aims: Aims
    space: SpaceWish = field(default_factory=SpaceWish)
    population: int = 100
    generations: int = 100
    seed: int = 0

    def check(self, metrics: tuple[str, ...]) -> None:
        """Refuse what cannot be done.

        Raises:
            WishRefused: see `Aims.check`; or a number is out of bounds.
        """
        self.aims.check(metrics)
        bounds = (("population", FEWEST, MOST_POPULATION), ("generations", 1, MOST_GENERATIONS))
        for name, low, high in bounds:
            found = getattr(self, name)
            if not low <= found <= high:
                raise WishRefused([(name, f"Write another `{name}`.", found, f"{low:,} to {high:,}")])


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes:
        points: the front of all that was asked, with predictions; sorted by the first objective, the best first.
        asked: number of points that were predicted.
        generations: how many there were.
        sizes: of the front after each generation.
        is_cut: whether the front has more points than are kept.
    """

    points: Points
    asked: int
    generations: int
    sizes: tuple[int, ...]
    is_cut: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "points": self.points.to_json(),
            "asked": self.asked,
            "generations": self.generations,
            "sizes": list(self.sizes),
            "is_cut": self.is_cut,
        }


def search(
    emulator: Emulator, wish: SearchWish, hardware: Hardware, watch: Watch, begin_with: Rows | None = None
) -> Searched:
    """Return the front that a search finds.

    Args:
        emulator: predicts.
        wish: what is wanted.
        hardware: where to compute.
        watch: is told the generation of how many, and stops it.
        begin_with: points of the space to be in the first generation, values by input: the front of a screening; of
            more than a population every so many are taken.

    Raises:
        WishRefused: the wish cannot be done with this surrogate.
        TrainingStopped: as the watch says.
    """
    wish.check(emulator.targets.metrics)
    space = Space.make(emulator.inputs, wish.space)
    if not space.width:
        raise WishRefused([("space", "Leave an input or more to be searched over.", 0, "1 or more that vary")])
    return _Search(emulator, wish, hardware, space).run(watch, begin_with)


@dataclass
class _Search:
    """A search that goes on."""

    emulator: Emulator
    wish: SearchWish
    hardware: Hardware
    space: Space
    found: Points | None = None
    asked: int = 0
    sizes: list[int] = field(default_factory=list)

    def run(self, watch: Watch, begin_with: Rows | None) -> Searched:
        algorithm = self._make_algorithm(self._begin(begin_with))
        while algorithm.has_next():
            watch.check()
            population = algorithm.ask()
            if population is None or not len(population):
                break  # nothing new can be made of what there is
            objectives, excess = self._ask(np.atleast_2d(np.asarray(population.get("X"), np.float64)))
            self._answer(algorithm, population, objectives, excess)
            watch.tell(STAGE, len(self.sizes), self.wish.generations, float("nan"))
        return self._conclude()

    def _make_algorithm(self, first: Floats) -> Any:
        from pymoo.algorithms.moo.nsga2 import NSGA2  # here: it brings matplotlib's colours and more along
        from pymoo.core.problem import Problem

        aims = self.wish.aims
        problem = Problem(
            n_var=self.space.width, n_obj=len(aims.objectives), n_ieq_constr=len(aims.limits) + 2, xl=0.0, xu=1.0
        )
        algorithm = NSGA2(pop_size=self.wish.population, sampling=first)
        termination = ("n_gen", self.wish.generations)
        algorithm.setup(problem, termination=termination, seed=self.wish.seed, verbose=False)
        return algorithm

    def _begin(self, rows: Rows | None) -> Floats:
        """Return the shares of the first generation: what it is to begin with, and Sobol' points."""
        sobol = SobolDesign(self.space, self.wish.population, self.wish.seed, torch.device("cpu"))
        drawn = sobol.draw(np.arange(self.wish.population)).numpy()
        if rows is None:
            return drawn
        given = self.space.find_shares(rows)
        inside = given[((given >= 0) & (given <= 1)).all(axis=1)]
        step = max(-(-len(inside) // self.wish.population), 1)
        return np.asarray(np.concatenate([inside[::step], drawn])[: self.wish.population])

    def _ask(self, shares: Floats) -> tuple[Floats, Floats]:
        """Return objectives and what goes beyond limits, (points, objectives) and (points, limits + 2)."""
        rows = self.space.draw_rows(shares)
        aims, outside = self.wish.aims, self.wish.aims.outside
        told: Outside = "flag" if outside == "refuse" else outside
        said = self.emulator.predict(rows, self.hardware, level=aims.level, outside=told)
        self.asked += len(shares)
        broken = self._measure_broken(rows, len(shares))
        kept = aims.keep(said) & (broken <= 0)
        self._merge(Points(rows, said).pick(kept))
        # Limits are of different units: by the size of the metric they weigh alike.
        scales = [abs(self._find_mean(limit.metric)) or 1.0 for limit in aims.limits]
        excess = aims.measure_excess(said.low, said.high, said.metrics) / np.array(scales).reshape(1, -1)
        excess = np.minimum(excess, 1e12)  # an interval without end is worse than any other
        strays = (~said.inside).astype(np.float64) * (outside == "refuse")
        return aims.value(said.mean, said.metrics), np.column_stack([excess, broken, strays])

    def _find_mean(self, metric: str) -> float:
        return next(found.mean for found in self.emulator.report.accuracy if found.metric == metric)

    def _measure_broken(self, rows: Rows, count: int) -> Floats:
        """Return by how much points break the constraints on inputs, together, (points,)."""
        broken = np.zeros(count)
        for expression in self.space.constraints:
            broken += measure_violation(expression.text, {name: rows[name] for name in expression.names})
        return broken

    def _merge(self, points: Points) -> None:
        points = points if self.found is None else join_points([self.found, points])
        values = self.wish.aims.value(points.said.mean, points.said.metrics)
        points = points.pick(find_front(values))
        shares = self.space.find_shares(points.inputs)  # of lists, the same share for each of their places
        _, first = np.unique(shares, axis=0, return_index=True)
        self.found = points.pick(np.sort(first))

    def _answer(self, algorithm: Any, population: Any, objectives: Floats, excess: Floats) -> None:
        from pymoo.core.evaluator import Evaluator
        from pymoo.problems.static import StaticProblem

        Evaluator().eval(StaticProblem(algorithm.problem, F=objectives, G=excess), population)
        algorithm.tell(infills=population)
        assert self.found is not None  # noqa: S101 - `_ask` has merged
        self.sizes.append(len(self.found))

    def _conclude(self) -> Searched:
        assert self.found is not None  # noqa: S101 - there was a generation
        values = self.wish.aims.value(self.found.said.mean, self.found.said.metrics)
        order = np.lexsort((*values.T[:0:-1], values[:, 0]))[:MOST_KEPT]
        is_cut = len(self.found) > MOST_KEPT
        return Searched(self.found.pick(order), self.asked, len(self.sizes), tuple(self.sizes), is_cut)
