"""Surrogates as an engine of batches: what a study must know of one, and its answers for a shard.

Registered with `batches.shard_engines` by the app. Looked up in the web process and by the stages, which have no torch;
`answer` alone brings it, in a worker for surrogates.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib.auth.models import User
from numpy.typing import NDArray

from batches.plans import PinnedProgram
from batches.shard_engines import SURROGATE, ShardEngineError
from studies.checks.examined import SurrogateDeclaration, SurrogateInput
from surrogates.models import Surrogate
from surrogates.states import SurrogateState

PLACES = {"model": "models", "weather": "weathers"}
INSIDE = "inside_domain"
MOST_NAMED = 50


class SurrogateEngine:
    """The trained surrogates of each user: `batches.shard_engines.ShardEngine`."""

    prefix = SURROGATE
    task = "surrogates.predict_shard"
    queue = "surrogates"
    shard_size = 10_000  # a second of work or two: cancelled soon enough, and little beside it is paid per shard

    def find(self, user: User, ref: str) -> SurrogateDeclaration | None:
        """Return what a study must know of a surrogate of a user; None where he has none that is ready."""
        row = Surrogate.objects.filter(owner=user, pk=ref, state=SurrogateState.READY).first()
        return declare_surrogate(row) if row else None

    def list_names(self, user: User) -> list[str]:
        """Return the ids of the surrogates of a user that are ready, newest first."""
        ready = Surrogate.objects.filter(owner=user, state=SurrogateState.READY)
        return [str(pk) for pk in ready.values_list("pk", flat=True)[:MOST_NAMED]]

    def answer(self, pinned: PinnedProgram, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Return mean, both ends of the interval and the domain flag of rows; see `batches.shard_engines`.

        Raises:
            ShardEngineError: the surrogate was deleted, is another one, or does not take these rows.
        """
        from surrogates.answers import find_hardware, load_ready
        from surrogates.emulator.errors import DamagedFileError, PredictionRefused
        from surrogates.errors import NotReadyError

        refuse_another(pinned)
        try:
            emulator = load_ready(UUID(pinned.name))
            wanted = {column.name: inputs[column.name] for column in emulator.inputs.columns if column.name in inputs}
            said = emulator.predict(leave_blanks_out(wanted), find_hardware())
        except (NotReadyError, DamagedFileError, PredictionRefused) as error:
            raise ShardEngineError(f"{pinned.label} cannot answer: {error}") from error
        return {INSIDE: said.inside.astype(np.int64)} | {
            name: values[:, place]
            for place, metric in enumerate(said.metrics)
            for name, values in zip(name_columns(metric), (said.mean, said.low, said.high), strict=True)
        }


def refuse_another(pinned: PinnedProgram) -> None:
    """Do nothing where a surrogate is the one that a batch was submitted with.

    Raises:
        ShardEngineError: it was deleted, or has another file.
    """
    found = Surrogate.objects.filter(pk=pinned.name).values_list("file_sha256", flat=True).first()
    if found != pinned.digest:
        fate = "was deleted" if found is None else f"has another file now ({found[:10]}, then {pinned.digest[:10]})"
        raise ShardEngineError(
            f"{pinned.label} {fate} while this batch was at work; its finished shards keep what it has said."
            " Submit the study with a surrogate that is there."
        )


def leave_blanks_out(inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return inputs without those that a study leaves to the surrogate, which has one value for them."""
    return {name: values for name, values in inputs.items() if not (values.dtype == object and not any(values))}


def declare_surrogate(row: Surrogate) -> SurrogateDeclaration:
    """Return what a study must know of a surrogate."""
    inputs = [found for found in row.inputs if found["name"] not in PLACES]
    return SurrogateDeclaration(
        id=str(row.pk),
        label=f"{row.name} v{row.version}",
        digest=row.file_sha256,
        inputs={found["name"]: declare_input(found) for found in inputs},
        metrics=dict(describe_columns(row)),
        places=find_places(row),
        run_period=find_run_period(row),
    )


def declare_input(found: Mapping[str, Any]) -> SurrogateInput:
    """Return an input as a study is checked against it."""
    least = {"logarithm": (0.0, True), "reciprocal": (0.0, True), "thickness": (0.0, False)}
    bound, is_open = least.get(found["kind"], (None, False))
    return SurrogateInput(
        name=found["name"],
        unit=found["unit"],
        low=found["low"],
        high=found["high"],
        values=tuple(found["values"] or ()),
        least=bound,
        is_least_open=is_open,
    )


def name_columns(metric: str) -> tuple[str, str, str]:
    """Return the names of the columns of a metric: its mean, the lower and the upper end of its interval."""
    return metric, f"{metric}_low", f"{metric}_high"


def describe_columns(row: Surrogate) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the columns that a surrogate fills, with label and unit."""
    for metric in row.metrics:
        label, unit = metric["label"] or metric["name"], metric["unit"] or "1"
        words = ("", ", low", ", high")
        for name, word in zip(name_columns(metric["name"]), words, strict=True):
            yield name, {"label": f"{label}{word}", "unit": unit}
    yield INSIDE, {"label": "Inside of what was trained on", "unit": ""}


def find_places(row: Surrogate) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the models and weather files that a surrogate was trained on, as its batches pinned them.

    Of one that was uploaded, or whose batches were deleted, nothing but the references is known: they are like no file.
    """
    pinned = list(row.parents.exclude(batch=None).values_list("batch__inputs", flat=True))
    places: dict[str, dict[str, dict[str, Any]]] = {}
    for key, place in PLACES.items():
        known = {ref: found for inputs in pinned for ref, found in inputs.get(place, {}).items()}
        asked = next((found["values"] for found in row.inputs if found["name"] == key), None)
        refs = asked if asked is not None else list(known)
        places[place] = {ref: known.get(ref) or invent_file(row, ref) for ref in refs if ref}
    return places


def invent_file(row: Surrogate, ref: str) -> dict[str, Any]:
    """Return what stands for a file that nobody knows any more: equal to no other, the same for each study."""
    digest = hashlib.sha256(f"{row.file_sha256} {ref}".encode()).hexdigest()
    return {"id": "", "sha256": digest, "name": ref}


def find_run_period(row: Surrogate) -> Any:
    """Return the run period that the cases had which a surrogate was trained on; None where that is not known."""
    studies = row.parents.exclude(batch=None).values_list("batch__study", flat=True)
    periods = [study.get("run_period", "annual") for study in studies]
    return periods[0] if periods and all(period == periods[0] for period in periods) else None
