"""The folder a run works in: made ready before the engine starts, tidied after it; every engine calls it."""

import shutil
from collections.abc import Collection
from pathlib import Path

from energyplus.engines.engine import SimulationJob
from energyplus.outputs import KEPT_FILES
from energyplus.results.success import is_regular_file

CONSOLE = "console.txt"
"""The file that gets what the engine's process prints."""

_CONSOLE_TOLD_BYTES = 2000


def stage_run_folder(job: SimulationJob) -> Path:
    """Make the run folder ready: model and attachments lie in it, and nothing that an earlier attempt has left.

    Attachments are copied, never linked: the engine may write to whatever lies in its folder.

    Returns:
        The model in the run folder, an absolute path.
    """
    job.run_folder.mkdir(parents=True, exist_ok=True)
    model = job.run_folder.absolute() / "model.idf"
    if job.model_path.absolute() != model:
        shutil.copyfile(job.model_path, model)
    for name in KEPT_FILES:
        if name != model.name:
            (job.run_folder / name).unlink(missing_ok=True)  # of an earlier attempt: it must not pass for this one's
    for name, path in job.attachments.items():
        if path.absolute() != job.run_folder.absolute() / name:
            shutil.copyfile(path, job.run_folder / name)
    return model


def remove_leftovers(run_folder: Path, present: Collection[str], *, keep_full: bool = False) -> None:
    """Remove what nobody keeps: what the engine left beside `KEPT_FILES`, and attachments.

    Args:
        run_folder: of the run.
        present: names that were there before the run was staged; they stay.
        keep_full: whether every regular file stays; links and folders never do.
    """
    for path in run_folder.iterdir():
        if path.name in KEPT_FILES or path.name in present:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif not (keep_full and is_regular_file(path)):
            path.unlink(missing_ok=True)


def read_console(run_folder: Path) -> str:
    """The last of what the process printed."""
    try:
        with (run_folder / CONSOLE).open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - _CONSOLE_TOLD_BYTES))
            return stream.read().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return ""
