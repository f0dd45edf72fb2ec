"""What the engine complained of in a case, message by message, read from its kept .err file. Called by the API."""

from dataclasses import replace

from batches.cases import kept_files
from batches.download import find_case_file
from batches.models import Batch, Case
from batches.plans import plan_of
from energyplus.errors import EnergyPlusError
from energyplus.results.diagnostics import Diagnostics, read_diagnostics_of
from energyplus.results.messages import resolve_names
from library.errors import LibraryError
from library.selectors import read_description

MOST_MESSAGES = 200  # of each severity; the file has them all


def read_complaints(batch: Batch, case: Case) -> Diagnostics:
    """Return the messages of a case with names as its model spells them; none before it has ended.

    Reads at most the first 4 MiB and the last 64 KiB of the file's text.

    Raises:
        OutputsRemovedError: retention removed the files of this batch.
    """
    file = find_case_file(batch, case, "eplusout.err")
    if file is None:
        return Diagnostics()
    found = read_diagnostics_of(kept_files.read_chunks(file), MOST_MESSAGES)
    return replace(found, messages=resolve_names(found.messages, list_object_names(batch, case)))


def list_object_names(batch: Batch, case: Case) -> dict[str, list[str]]:
    """Return the names of the objects in a case's base model by class; none where the model is no longer to be had."""
    plan = plan_of(batch)
    base = plan.models.get(plan.points[case.index].model)
    if base is None:
        return {}
    try:
        classes = read_description(base.sha256).classes
    except (EnergyPlusError, LibraryError, OSError):  # names are a help, not the matter
        return {}
    return {name: [entry.name for entry in entries] for name, entries in classes.items()}
