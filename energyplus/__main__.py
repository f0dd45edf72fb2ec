"""`python -m energyplus MODEL WEATHER` runs one model with one weather file, each by alias or path: prints metrics."""

import argparse
import re
import signal
import sys
import tempfile
from pathlib import Path

from energyplus.bundled import BundledFile, find_bundled_file, list_bundled_models, list_bundled_weather
from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.engine import SimulationJob
from energyplus.errors import EnergyPlusError
from energyplus.models.building_model import BuildingModel, CaseRequest
from energyplus.models.judgement import ModelRefused, find_files_beside, judge_description
from energyplus.results.metrics import metric_unit
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.verdict import judge_outcome
from energyplus.run_period import RunPeriod
from energyplus.weather import describe_weather


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when the run succeeded, 1 when it did not (the reason is on standard error), 2 for wrong arguments.
    """
    options = _parse(arguments)
    try:
        outcome = _run(options)
    except EnergyPlusError as error:
        print(error, file=sys.stderr)
        return 1
    _print_metrics(outcome)
    verdict = judge_outcome(outcome)
    if verdict.kind != "valid":
        print(f"{verdict.kind}: {'; '.join(verdict.reasons)}", file=sys.stderr)
    return 0 if outcome.status == "succeeded" else 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m energyplus", description="Run one model with one weather file.")
    parser.add_argument("model", help="IDF or epJSON file, or the alias of a bundled model such as small_office")
    parser.add_argument("weather", help="EPW file, or the alias of a bundled one such as chicago")
    parser.add_argument(
        "--run-period", type=_run_period, default=RunPeriod(), help="annual (default), design_days or 01-01:01-31"
    )
    parser.add_argument("--out", type=Path, help="folder that keeps the model and the engine's files")
    parser.add_argument(
        "--energyplus",
        type=Path,
        action="append",
        default=[],
        help="folder of an installed EnergyPlus for models of its version; may be given several times",
    )
    parser.add_argument("--timeout-s", type=float, default=3600.0, help="wall-clock limit in s, default 3600")
    return parser.parse_args(arguments)


def _run_period(text: str) -> RunPeriod:
    if text == "annual":
        return RunPeriod("annual")
    if text == "design_days":
        return RunPeriod("design_days")
    match = re.fullmatch(r"(\d\d)-(\d\d):(\d\d)-(\d\d)", text)
    if match is None:
        raise argparse.ArgumentTypeError("accepted: annual, design_days or a period like 01-01:01-31")
    first_month, first_day, last_month, last_day = (int(part) for part in match.groups())
    try:
        return RunPeriod("period", (first_month, first_day), (last_month, last_day))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _run(options: argparse.Namespace) -> SimulationOutcome:
    engines = EngineCatalogue(options.energyplus)
    path = _find(options.model, list_bundled_models())
    model = BuildingModel.read(path, engines.versions, engines.idds)
    attachments = find_files_beside(path, model.describe())
    judgement = judge_description(model.describe(), attachments)
    if judgement.findings:
        raise ModelRefused(judgement.findings)
    weather = _find(options.weather, list_bundled_weather())
    describe_weather(weather)
    with tempfile.TemporaryDirectory(prefix="energyplus-") as temporary:
        folder = options.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.idf").write_text(model.render(CaseRequest(run_period=options.run_period)), encoding="utf-8")
        case = folder / "model.idf"
        job = SimulationJob(case, weather, folder, options.run_period, options.timeout_s, attachments=attachments)
        return engines.engine_for(model.version).simulate(job, lambda: False)


def _find(reference: str, files: tuple[BundledFile, ...]) -> Path:
    bundled = find_bundled_file(reference, files)
    if bundled is None and not Path(reference).is_file():
        accepted = ", ".join(entry.alias for entry in files)
        raise EnergyPlusError(f"{reference}: neither a file nor the alias of a bundled one; aliases: {accepted}.")
    return bundled or Path(reference)


def _print_metrics(outcome: SimulationOutcome) -> None:
    shown = {name: value for name, value in outcome.metrics.items() if value is not None}
    width = max(len(name) for name in shown)
    for name, value in shown.items():
        print(f"{name:<{width}}  {value!r} {metric_unit(name)}".rstrip())


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends it quietly
    raise SystemExit(main())
