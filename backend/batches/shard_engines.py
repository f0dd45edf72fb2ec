"""Engines that take a whole shard at once, not case by case: known here by the prefix of their name in a study.

This room knows none of them: an app above it puts its own in with `register_engine`, in `AppConfig.ready`. A shard of
such a batch is one message for a task of that app, which calls `shard_runs.run_shard` (`docs/decisions/0026`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.contrib.auth.models import User
from numpy.typing import NDArray

from batches.models import Batch
from batches.plans import PinnedProgram
from energyplus.engines.declarations import ProgramDeclaration
from library.engines import catalogue
from studies.checks.examined import SurrogateDeclaration

SURROGATE = "surrogate"


class ShardEngineError(Exception):
    """An engine cannot answer for a batch, and will not be able to if it is asked again: its message says why."""


class ShardEngine(Protocol):
    """What an app registers.

    Attributes:
        prefix: of the names of its engines in a study: `surrogate` of `surrogate:ID`.
        task: name of the Celery task that a shard's message is for; its arguments are batch, shard and epoch.
        queue: that the message goes to.
        shard_size: cases of a shard: as many as make the fixed costs of one small beside its own.
    """

    prefix: str
    task: str
    queue: str
    shard_size: int

    def find(self, user: User, ref: str) -> SurrogateDeclaration | None:
        """Return what a study must know of one of its engines; None where the user has none of that id."""

    def list_names(self, user: User) -> list[str]:
        """Return the ids of those that the user may name in a study, newest first."""

    def answer(self, pinned: PinnedProgram, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Return the metrics of rows; called in a worker that serves the engine's queue.

        Args:
            pinned: the engine as it was when the batch was submitted.
            inputs: values by column, (rows,): float64 in the units of the study's parameters, or texts.

        Returns:
            Every metric of `pinned`, (rows,): float64 in its unit, whole numbers of those whose unit is "".

        Raises:
            ShardEngineError: it is another one now, or gone, or does not take these rows.
        """


_engines: dict[str, ShardEngine] = {}


def register_engine(engine: ShardEngine) -> None:
    """Make an engine known to this process; called once by each app that has one.

    The app has the messages of its task followed as well (`messages.follow_task`).
    """
    _engines[engine.prefix] = engine


def find_engine(prefix: str) -> ShardEngine:
    """Return the engine of a prefix.

    Raises:
        ShardEngineError: this process has no such app.
    """
    if prefix not in _engines:
        raise ShardEngineError(f"No engine '{prefix}' is installed here; the same release must run everywhere.")
    return _engines[prefix]


def engine_of(batch: Batch) -> ShardEngine | None:
    """Return the engine that takes a batch's shards as they are; None where its cases run one by one."""
    return find_engine(batch.shard_engine) if batch.shard_engine else None


def list_tasks() -> frozenset[str]:
    """Return the names of the tasks that messages of shards are for."""
    return frozenset(engine.task for engine in _engines.values())


@dataclass(frozen=True)
class StudyEngines:
    """What there is to run studies of a user with: `studies.checks.examined.Engines`."""

    user: User

    @property
    def programs(self) -> Mapping[str, ProgramDeclaration]:
        """The declared programs by name."""
        return catalogue().programs

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The versions of EnergyPlus models that can run."""
        return catalogue().versions

    def find_surrogate(self, ref: str) -> SurrogateDeclaration | None:
        """Return the trained surrogate of an id, or None."""
        return _engines[SURROGATE].find(self.user, ref) if SURROGATE in _engines else None

    def surrogate_names(self) -> list[str]:
        """Return the ids of the user's surrogates."""
        return _engines[SURROGATE].list_names(self.user) if SURROGATE in _engines else []
