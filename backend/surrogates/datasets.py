"""What a surrogate learns from: batches go in, or the table that somebody brought; a `Dataset` comes out.

Cases that failed, are suspect or were cancelled are left out and counted, and so are baselines: nothing of their study
was varied. Called by `submission`, which looks for problems before anything is recorded, and by the training.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from batches.analysis.comparison_inputs import describe_content
from batches.download import ResultTable, column_units, open_results
from batches.models import Batch
from batches.plans import Input
from batches.results.metric_facts import RUN_METRIC, describe_metric
from batches.results.tables import key_columns
from batches.states import CaseState, Verdict
from studies.problems import list_names, nearest_names
from surrogates.descriptors import describe_parameter, describe_weather
from surrogates.emulator.inputs import InputColumn
from surrogates.emulator.sizes import count_needed_rows
from surrogates.errors import SurrogateRefused

if TYPE_CHECKING:
    from surrogates.emulator.training import Table

Problem = tuple[str, str, object, object]


@dataclass(frozen=True)
class Choice:
    """What is wanted of the cases.

    Attributes:
        metrics: which are to be answered for; None for every one that has no gaps and varies.
        keep_suspect: whether suspect cases count like valid ones.
    """

    metrics: tuple[str, ...] | None = None
    keep_suspect: bool = False


@dataclass(frozen=True)
class Rows:
    """Usable cases of one or more batches, or of a table, before anybody asks what their inputs are.

    Attributes:
        inputs: values by parameter, (rows,): float64 or texts; `weather` and `model` among them where they count.
        metrics: values by metric, (rows,), float64, in their units, without gaps.
        facts: label and unit of each metric, by name.
        left_out: number of cases that were left out, by reason.
        cases_used: number of cases of each batch, in their order.
        gaps: metrics that some of the cases lack, with how many.
    """

    inputs: dict[str, NDArray[Any]]
    metrics: dict[str, NDArray[np.float64]]
    facts: dict[str, dict[str, str]]
    left_out: dict[str, int]
    cases_used: tuple[int, ...]
    gaps: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many cases there are."""
        return sum(self.cases_used)


@dataclass(frozen=True)
class Dataset:
    """What a surrogate is trained on.

    Attributes:
        columns: what its inputs are.
        rows: their values, and those of the metrics.
        wanted: metrics that it is to answer for; the others of `rows` may be parts of their sums.
    """

    columns: tuple[InputColumn, ...]
    rows: Rows
    wanted: tuple[str, ...]

    @property
    def table(self) -> "Table":
        """The rows as the emulator takes them. Brings torch: for workers."""
        from surrogates.emulator.training import Table

        return Table({column.name: self.rows.inputs[column.name] for column in self.columns}, self.rows.metrics)

    @property
    def digest(self) -> str:
        """A hash of everything that is learnt from, hexadecimal."""
        told = hashlib.sha256(repr((self.wanted, [asdict(column) for column in self.columns])).encode())
        for name, values in sorted({**self.rows.inputs, **self.rows.metrics}.items()):
            told.update(name.encode())
            told.update(values.tobytes() if values.dtype.kind == "f" else repr(values.tolist()).encode())
        return told.hexdigest()


def read_dataset(batches: Sequence[Batch], choice: Choice) -> Dataset:
    """Return what can be learnt from batches.

    Args:
        batches: one or more of the same study; what has not ended of them is left out.
        choice: what is wanted.

    Raises:
        SurrogateRefused: the studies do not match, or the cases cannot bear what is wanted.
        OSError: the file store does not answer.
    """
    tables = [open_results(batch) for batch in batches]
    refuse_mixed(tables)
    rows = read_rows(tables, choice)
    wanted = choose_metrics(rows, choice.metrics)
    refuse_few(rows, len(rows.inputs))
    return Dataset(describe_inputs(tables, rows), rows, wanted)


def describe_inputs(tables: Sequence[ResultTable], rows: Rows) -> tuple[InputColumn, ...]:
    """Return what the inputs of batches' cases are."""
    plan, units = tables[0].plan, column_units(tables[0].batch)
    models = [model for table in tables for model in table.plan.models.values()]
    weathers = {ref: weather for table in tables for ref, weather in table.plan.weathers.items()}
    columns = [
        describe_parameter(parameter, units.get(parameter.name), rows.inputs[parameter.name], models)
        for parameter in plan.study.parameters
        if parameter.name in rows.inputs
    ]
    columns += [InputColumn("model", "category")] if "model" in rows.inputs else []
    if "weather" in rows.inputs:
        met = set(rows.inputs["weather"].tolist())
        columns.append(describe_weather({ref: weather for ref, weather in weathers.items() if ref in met}))
    return tuple(columns)


def read_rows(tables: Sequence[ResultTable], choice: Choice) -> Rows:
    """Return the usable cases of batches that match."""
    plans = [table.plan for table in tables]
    several_models = len({ref for plan in plans for ref in plan.models}) > 1
    names = [parameter.name for parameter in plans[0].study.parameters if parameter.derived is None]
    names += ["model"] if several_models else []
    names += ["weather"] if any(ref for plan in plans for ref in plan.weathers) else []
    left_out: Counter[str] = Counter()
    parts, used = [], []
    for table in tables:
        rows = pa.concat_tables([table.schema.empty_table(), *table.parts()])
        if several_models and "model" not in rows.column_names:
            rows = rows.append_column("model", pa.repeat(pa.scalar(table.plan.study.models[0]), rows.num_rows))
        kept = keep_usable(rows, left_out, keep_suspect=choice.keep_suspect)
        parts.append(kept)
        used.append(kept.num_rows)
    joined = pa.concat_tables(parts, promote_options="permissive")
    known = {*key_columns(plans[0]), "model", *(parameter.name for parameter in plans[0].study.parameters)}
    metrics, gaps = split_metrics(joined, [name for name in joined.column_names if name not in known])
    facts = {name: vars(describe_metric(plans[0], name)) for name in (*metrics, *gaps)}
    told = {name: {"label": found["label"], "unit": found["unit"]} for name, found in facts.items()}
    inputs = {name: read_values(joined, name) for name in names}
    return Rows(inputs, metrics, told, dict(left_out), tuple(used), gaps)


def keep_usable(rows: pa.Table, left_out: "Counter[str]", *, keep_suspect: bool) -> pa.Table:
    """Return the cases that are learnt from; count the others."""
    states, verdicts = rows["state"].to_pylist(), rows["verdict"].to_pylist()
    reasons = [
        _leave_out(case, state, verdict, keep_suspect=keep_suspect)
        for case, state, verdict in zip(rows["case"].to_pylist(), states, verdicts, strict=True)
    ]
    left_out.update(reason for reason in reasons if reason)
    return rows.filter(pa.array([not reason for reason in reasons], pa.bool_()))


def _leave_out(case: int | None, state: str | None, verdict: str | None, *, keep_suspect: bool) -> str:
    """Why a case is left out; "" where it is used."""
    if case is not None and case < 0:
        return "baseline"
    if state != CaseState.SUCCEEDED:
        return state if state in (CaseState.FAILED, CaseState.CANCELLED) else "unfinished"
    return "suspect" if verdict == Verdict.SUSPECT and not keep_suspect else ""


def split_metrics(rows: pa.Table, names: Sequence[str]) -> tuple[dict[str, NDArray[np.float64]], dict[str, int]]:
    """Return the metrics that all cases have, and how many lack each other one; what none has is no metric."""
    whole, gaps = {}, {}
    for name in names:
        missing = rows[name].null_count
        if not missing:
            whole[name] = rows[name].cast(pa.float64()).to_numpy()
        elif missing < rows.num_rows:
            gaps[name] = missing
    return whole, gaps


def read_values(rows: pa.Table, name: str) -> NDArray[Any]:
    """Return a parameter's values, (rows,): float64, or texts as objects."""
    column = rows[name]
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy())
    return np.array(pc.cast(column, pa.string()).to_pylist(), object)


def choose_metrics(rows: Rows, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the metrics that are to be answered for.

    Raises:
        SurrogateRefused: one is unknown, lacks values or never varies; or none is left.
    """
    if rows.count == 0:
        raise SurrogateRefused([no_rows(rows)])
    varying = [name for name, values in rows.metrics.items() if np.ptp(values) > 0 and name != RUN_METRIC]
    if wanted is None:
        if not varying:
            raise SurrogateRefused(
                [("metrics", "No metric varies in the cases: there is nothing to learn.", None, None)]
            )
        return tuple(varying)
    problems = [problem for name in wanted if (problem := find_metric_problem(rows, name, varying))]
    if problems:
        raise SurrogateRefused(problems)
    return tuple(wanted)


def find_metric_problem(rows: Rows, name: str, varying: Sequence[str]) -> Problem | None:
    """Return what is wrong with a metric that is asked for; None where nothing is."""
    if name in rows.gaps:
        message = (
            f"'{name}' is missing in {rows.gaps[name]:,} of {rows.count:,} usable cases; leave it out of `metrics`."
        )
        return "metrics", message, name, list(varying)
    if name not in rows.metrics:
        return "metrics", f"There is no metric '{name}' in the cases.", name, list(nearest_names(name, rows.metrics))
    if name not in varying and name != RUN_METRIC:
        value = rows.metrics[name][0]
        message = f"'{name}' is {value:g} in all {rows.count:,} cases: there is nothing to learn. Leave it out."
        return "metrics", message, name, list(varying)
    return None


def no_rows(rows: Rows) -> Problem:
    """Return what is said where no case can be learnt from."""
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(rows.left_out.items())) or "none at all"
    return "batches", f"No case can be learnt from: {told}.", rows.left_out, "cases that succeeded and are valid"


def refuse_few(rows: Rows, inputs: int) -> None:
    """Do nothing where there are cases enough.

    Raises:
        SurrogateRefused: there are not; says how many would do.
    """
    needed = count_needed_rows(inputs)
    if rows.count < needed:
        left_out = ", ".join(f"{count:,} {reason}" for reason, count in sorted(rows.left_out.items()))
        told = f" (left out: {left_out})" if left_out else ""
        message = (
            f"There are {rows.count:,} usable cases for {inputs} inputs{told}."
            f" A surrogate needs {needed:,} or more: extend the batch, or vary fewer inputs."
        )
        raise SurrogateRefused([("batches", message, rows.count, needed)])


def refuse_mixed(tables: Sequence[ResultTable]) -> None:
    """Do nothing where batches are of one study: the same parameters, written in the same way, of the same run.

    Raises:
        SurrogateRefused: they differ in something that is not among their columns; says in what.
    """
    problems: list[Problem] = []
    first = tables[0]
    if first.plan.study.engine.startswith("surrogate:"):
        problems.append(("batches", "Train on cases that were simulated: these are a surrogate's.", None, None))
    for place, other in enumerate(tables[1:], start=1):
        told = list_differences(first, other)
        problems += [
            (f"batches.{place}", f"{message} Train on each alone.", found, first.batch.name) for message, found in told
        ]
    if problems:
        raise SurrogateRefused(problems)


def list_differences(first: ResultTable, other: ResultTable) -> list[tuple[str, object]]:
    """Return what keeps two batches from being learnt from together, with what was found."""
    mine, theirs = (
        {parameter.name: parameter for parameter in table.plan.study.parameters} for table in (first, other)
    )
    found: list[tuple[str, object]] = []
    if mine.keys() != theirs.keys():
        strange = sorted(mine.keys() ^ theirs.keys())
        found.append((f"'{other.batch.name}' varies other parameters: {list_names(strange, 8)}.", sorted(theirs)))
    units, others = column_units(first.batch), column_units(other.batch)
    changed = [
        name
        for name in mine.keys() & theirs.keys()
        if _aim(mine[name]) != _aim(theirs[name]) or units.get(name) != others.get(name)
    ]
    if changed:
        found.append((f"'{other.batch.name}' writes {list_names(sorted(changed), 8)} elsewhere or otherwise.", changed))
    found += _list_differing_runs(first, other)
    return found


def _list_differing_runs(first: ResultTable, other: ResultTable) -> list[tuple[str, object]]:
    mine, theirs = first.plan, other.plan
    told: list[tuple[str, object]] = []
    for what in ("engine", "run_period"):
        if getattr(mine.study, what) != getattr(theirs.study, what):
            message = f"'{other.batch.name}' has another {what.replace('_', ' ')}."
            told.append((message, str(getattr(theirs.study, what))))
    if (mine.program and mine.program.digest) != (theirs.program and theirs.program.digest):
        told.append((f"'{other.batch.name}' ran another program, or another declaration of it.", None))
    for what, inputs, others in (
        ("model", mine.models, theirs.models),
        ("weather file", mine.weathers, theirs.weathers),
    ):
        strange = sorted(ref for ref in inputs.keys() & others.keys() if _differ(inputs[ref], others[ref]))
        if strange:
            told.append((f"'{other.batch.name}' means another {what} by {list_names(strange, 8)}.", strange))
    return told


def _differ(one: Input, other: Input) -> bool:
    return describe_content(one) != describe_content(other)


def _aim(parameter: Any) -> Any:
    """What a parameter does with its value, without the values and what people call it."""
    return parameter.target, parameter.measure, parameter.arguments, parameter.change, parameter.derived


def describe_sources(batches: Sequence[Batch], rows: Rows) -> list[dict[str, Any]]:
    """Return where cases come from, as the surrogate's provenance keeps it."""
    described = []
    for batch, used in zip(batches, rows.cases_used, strict=True):
        inputs: Mapping[str, Any] = batch.inputs
        files = {
            what: {ref: found["sha256"] for ref, found in inputs.get(what, {}).items()}
            for what in ("models", "weathers")
        }
        program = {"program": inputs["program"]["digest"]} if "program" in inputs else {}
        engine = batch.study.get("engine", "energyplus")
        told = {"id": str(batch.pk), "name": batch.name, "design_digest": batch.design_digest, "engine": engine}
        described.append({**told, "cases_used": used, **files, **program})
    return described
