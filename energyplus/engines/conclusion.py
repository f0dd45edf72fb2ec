"""What came of a run: the end of its process and its run folder go in, an outcome comes out; for every EnergyPlus."""

from energyplus.engines.engine import SimulationJob
from energyplus.engines.run_folder import read_console
from energyplus.engines.shortage import blame_machine
from energyplus.engines.supervision import ChildEnd
from energyplus.errors import ResultsError
from energyplus.outputs import SERIES_FILE
from energyplus.results.diagnostics import Diagnostics, read_diagnostics
from energyplus.results.metrics import missing_metrics, read_metrics
from energyplus.results.outcome import SimulationOutcome, Status
from energyplus.results.success import Failure, find_failure, hash_all_files, hash_kept_files
from energyplus.weather import read_time_zone_h


def conclude_run(job: SimulationJob, end: ChildEnd, largest_file_bytes: int) -> SimulationOutcome:
    """Judge a finished run by what it left: success is earned, the engine's word alone counts for nothing.

    Args:
        job: what was run.
        end: how the engine's process ended.
        largest_file_bytes: the limit on any one file under which it ran, bytes.

    Raises:
        DiskFullError: it failed, and the disk of its run folder is full.
    """
    diagnostics = read_diagnostics(job.run_folder / "eplusout.err")
    metrics = missing_metrics(diagnostics, end.wall_s)
    status, failure = explain_end(end, job.timeout_s, diagnostics, largest_file_bytes) or _find_failure(
        job, end, diagnostics, largest_file_bytes
    )
    unreported: tuple[str, ...] = ()
    if failure is None:
        try:
            metrics = read_metrics(job.run_folder / "eplusout.sql", diagnostics, end.wall_s)
            unreported = _write_series(job)
        except ResultsError as error:
            status, failure = "failed", Failure("results", str(error))
    if failure is not None:
        failure = blame_machine(failure, job, end)
    return SimulationOutcome(
        status=status,
        metrics=metrics,
        failure=failure,
        diagnostics=diagnostics,
        files=hash_all_files(job.run_folder) if job.keep_full else hash_kept_files(job.run_folder),
        unreported=unreported,
        exit_code=end.exit_code,
        signal=end.signal_name,
        simulation_s=end.wall_s,
        cpu_s=end.cpu_s,
        peak_memory_bytes=end.peak_memory_bytes,
    )


def _write_series(job: SimulationJob) -> tuple[str, ...]:
    """Write the file of asked-for series; return what there is nothing of, one sentence each."""
    if not job.outputs:
        return ()
    from energyplus.results import timeseries  # here, so that what needs no series starts without Arrow

    path, time_zone_h = job.run_folder / "eplusout.sql", read_time_zone_h(job.weather_path)
    written = timeseries.write_timeseries(
        timeseries.stream_timeseries(path, job.outputs, time_zone_h), job.run_folder / SERIES_FILE
    )
    return tuple(map(timeseries.describe_unreported, timeseries.find_unreported(written, job.outputs)))


def explain_end(
    end: ChildEnd, timeout_s: float, diagnostics: Diagnostics, largest_file_bytes: int
) -> tuple[Status, Failure] | None:
    """Say why a process that did not exit by itself has no results; None for one that did exit."""
    if end.cause == "stopped":
        return "cancelled", Failure("cancelled", "The run was cancelled.")
    if end.cause == "timed_out":
        message = f"The run was stopped after its time limit of {timeout_s:g} s; simplify the model or raise the limit."
        return "timed_out", Failure("timeout", message)
    if end.exit_code is None:
        return "crashed", Failure("crash", _describe_crash(end, diagnostics, largest_file_bytes))
    return None


def _find_failure(
    job: SimulationJob, end: ChildEnd, diagnostics: Diagnostics, largest_file_bytes: int
) -> tuple[Status, Failure | None]:
    exit_code = 0 if end.exit_code is None else end.exit_code
    failure = find_failure(job.run_folder, job.run_period, exit_code, diagnostics, largest_file_bytes)
    if failure and failure.kind == "incomplete" and not diagnostics.completed:
        said = read_console(job.run_folder)
        failure = Failure(failure.kind, f"{failure.message}{f' It said: {said}' if said else ''}")
    return ("failed", failure) if failure else ("succeeded", None)


def _describe_crash(end: ChildEnd, diagnostics: Diagnostics, largest_file_bytes: int) -> str:
    hints = {
        "SIGXCPU": "; it used more processor time than its time limit",
        "SIGXFSZ": f"; a file would have grown beyond {largest_file_bytes:,} bytes",
    }
    said = f" {diagnostics.first_line}" if diagnostics.first_line else ""
    return f"engine crashed: {end.signal_name}{hints.get(end.signal_name or '', '')}.{said}"
