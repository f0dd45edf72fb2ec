"""Declared simulation programs: what a declaration may say, what goes in, what may come out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from energyplus.engines.declarations import load_programs, unit_ending
from energyplus.engines.engine import SimulationJob
from energyplus.engines.executable import ExecutableEngine
from energyplus.errors import EngineError
from energyplus.results.outcome import SimulationOutcome
from energyplus.results.verdict import judge_outcome
from energyplus.run_period import RunPeriod
from tests.declared_programs import TEMPLATE, declare_program


def run(tmp_path: Path, weather: Path, values: Mapping[str, Any], **changes: Any) -> SimulationOutcome:
    engine = ExecutableEngine(load_programs(declare_program(tmp_path / "declared", **changes))["degree_days"])
    folder = tmp_path / "run"
    folder.mkdir(parents=True)
    (folder / "input.json").write_text(engine.declaration.render(values))
    job = SimulationJob(folder / "input.json", weather, folder, RunPeriod(), timeout_s=60)
    return engine.simulate(job, lambda: False)


def run_script(tmp_path: Path, weather: Path, script: str, **changes: Any) -> SimulationOutcome:
    tmp_path.mkdir(exist_ok=True)
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return run(tmp_path, weather, {"heat_loss_w_k": 1}, command=[str(program), "{input}", "{output}"], **changes)


def test_a_program_that_is_not_energyplus_gives_its_declared_metrics(weathers: dict[str, Path], tmp_path: Path) -> None:
    outcome = run(tmp_path, weathers["chicago"], {"heat_loss_w_k": 250.0, "base_c": 12, "fuel": "oil"})
    assert (outcome.status, outcome.failure) == ("succeeded", None)
    degree_days, heating = outcome.metrics["degree_days_k_d"], outcome.metrics["heating_kwh"]
    assert degree_days is not None
    assert 1500 < degree_days < 3000
    assert heating == pytest.approx(250.0 * degree_days * 24 / 1000 / 0.9, rel=1e-12)
    assert outcome.metrics["oil_l"] == pytest.approx(heating / 10)
    assert set(outcome.files) == {"input.json", "metrics.json", "console.txt"}
    assert outcome.cpu_s
    assert judge_outcome(outcome).kind == "valid"


def test_a_metric_that_the_program_leaves_out_is_null(weathers: dict[str, Path], tmp_path: Path) -> None:
    outcome = run(tmp_path, weathers["miami"], {"heat_loss_w_k": 250})
    assert outcome.status == "succeeded"
    assert outcome.metrics["oil_l"] is None


def test_a_table_of_one_row_is_as_good_as_json(weathers: dict[str, Path], tmp_path: Path) -> None:
    by_json = run(tmp_path / "json", weathers["chicago"], {"heat_loss_w_k": 1})
    by_csv = run(tmp_path / "csv", weathers["chicago"], {"heat_loss_w_k": 1}, output="metrics.csv")
    assert {**by_csv.metrics, "simulation_s": 0} == {**by_json.metrics, "simulation_s": 0}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"heating_kwh": NaN}', "it has NaN, which is not a number"),
        ('{"heating_kwh": 1e999}', "heating_kwh is 'inf', not a finite number"),
        ('{"heating_kwh": "much"}', "heating_kwh is 'much', not a finite number"),
        ('{"heating_kwh": true}', "heating_kwh is 'True', not a finite number"),
        ('{"heating_kwh": [1]}', "not a finite number"),
        ("[1]", "it holds no JSON object"),
        ("", "metrics.json cannot be read"),
        ("[" * 100_000, "metrics.json cannot be read"),
    ],
)
def test_metrics_that_are_no_finite_numbers_fail_the_case(
    weathers: dict[str, Path], tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "wrong").write_text(content)
    script = f"read -r found < {tmp_path}/wrong\nprintf '%s' \"$found\" > $2"
    outcome = run_script(tmp_path, weathers["chicago"], script, reads=[str(tmp_path / "wrong")])
    assert outcome.failure is not None
    assert (outcome.status, outcome.failure.kind) == ("failed", "results")
    assert reason in outcome.failure.message
    assert outcome.metrics["heating_kwh"] is None


def test_a_program_that_writes_no_metrics_or_ends_badly_fails_with_what_it_said(
    weathers: dict[str, Path], tmp_path: Path
) -> None:
    silent = run_script(tmp_path / "silent", weathers["chicago"], "exit 0")
    assert silent.failure is not None
    assert silent.failure.message == "Degree days wrote no metrics.json."
    bad = run(tmp_path / "bad", weathers["chicago"], {"heat_loss_w_k": 1, "efficiency": -1})
    assert bad.failure is not None
    assert bad.failure.message == (
        "Degree days ended with exit code 3. It said: The efficiency of a boiler is above 0."
    )


def test_a_program_that_takes_too_long_is_ended(weathers: dict[str, Path], tmp_path: Path) -> None:
    outcome = run_script(tmp_path, weathers["chicago"], "while :; do :; done", timeout_s=0.5)
    assert (outcome.status, outcome.failure and outcome.failure.kind) == ("timed_out", "timeout")


def test_a_program_that_the_kernel_kills_for_memory_says_so(weathers: dict[str, Path], tmp_path: Path) -> None:
    outcome = run_script(tmp_path, weathers["chicago"], "kill -KILL $$")
    assert (outcome.status, outcome.signal) == ("crashed", "SIGKILL")
    assert outcome.failure is not None
    assert outcome.failure.kind == "memory"
    assert "The machine ran out of memory" in outcome.failure.message


def test_a_program_reads_and_executes_nothing_that_was_not_declared(weathers: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of somebody else")
    outcome = run_script(tmp_path, weathers["chicago"], f"read -r found < {tmp_path}/secret && echo $found; /bin/ls /")
    assert outcome.failure is not None
    assert "of somebody else" not in outcome.failure.message
    assert outcome.failure.message.count("ermission denied") + outcome.failure.message.count("annot fork") == 2


def test_numbers_go_in_with_every_digit_and_defaults_where_nothing_varies(tmp_path: Path) -> None:
    declared = load_programs(declare_program(tmp_path))["degree_days"]
    text = declared.render({"heat_loss_w_k": 0.1 + 0.2})
    assert json.loads(text) == {"heat_loss_w_k": 0.30000000000000004, "base_c": 15.0, "efficiency": 0.9, "fuel": "gas"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "heat_loss_w_k: found None; accepted: a value: it has no default"),
        ({"heat_loss_w_k": -1}, "accepted: at least 0 W/K"),
        ({"heat_loss_w_k": 1, "efficiency": 1.5}, "accepted: at most 1.2 1"),
        ({"heat_loss_w_k": float("nan")}, "accepted: a number in W/K"),
        ({"heat_loss_w_k": "1"}, "accepted: a number in W/K"),
        ({"heat_loss_w_k": 1, "fuel": 'gas", "efficiency": "9'}, "accepted: a text of letters, digits"),
        ({"heat_loss_w_k": 1, "fuel": "gas\n"}, "accepted: a text of letters, digits"),
        ({"heat_loss_w_k": 1, "fuel": 3}, "accepted: a text of letters, digits"),
    ],
)
def test_a_value_that_is_not_accepted_never_reaches_the_program(
    tmp_path: Path, values: dict[str, Any], reason: str
) -> None:
    declared = load_programs(declare_program(tmp_path))["degree_days"]
    with pytest.raises(EngineError) as refusal:
        declared.render(values)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"template": TEMPLATE.replace("fuel}}", "colour}}")},
            "programs[0].template: found {{colour}}; accepted: heat_loss",
        ),
        (
            {"template": TEMPLATE.replace("{{fuel}}", "gas")},
            "programs[0].parameters.fuel: the template has no {{fuel}}",
        ),
        ({"metrics": {"heating": {"unit": "kWh"}}}, "heating is in kWh; accepted: a name that ends in _kwh"),
        ({"metrics": {"simulation_s": {"unit": "s"}}}, "simulation_s: every result table has a column of that name"),
        ({"metrics": {"heating_kwh": {}}}, "programs[0].metrics.heating_kwh.unit: found"),
        ({"metrics": {}}, "programs[0].metrics: found"),
        ({"output": "metrics.xml"}, "a name that ends in .json or .csv"),
        ({"input": "../input.json"}, "programs[0].input: found '../input.json'"),
        ({"command": ["degree_days"]}, "programs[0].command: found degree_days; accepted: the path of a program"),
        ({"command": ["/bin/sh", "{parameter}"]}, "accepted in braces: input, output, weather"),
        ({"colour": "red"}, "programs[0].colour: found 'red'"),
        ({"reads": ["/nowhere"]}, "programs[0].reads: found /nowhere"),
        ({"parameters": {"heat_loss_w_k": {"unit": "W/K", "default": "much"}}}, "default 'much': accepted: a number"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    template = changes.pop("template", TEMPLATE)
    path = declare_program(tmp_path, template, **changes)
    with pytest.raises(EngineError) as refusal:
        load_programs(path)
    assert reason in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_file_that_declares_nothing_is_refused(tmp_path: Path) -> None:
    for text, reason in (("", "a list of programs"), ("programs: 3", "a list of programs"), ("a: [", "cannot be read")):
        (tmp_path / "programs.yaml").write_text(text)
        with pytest.raises(EngineError, match=reason):
            load_programs(tmp_path / "programs.yaml")


def test_the_digest_follows_the_declaration_the_template_and_the_program(tmp_path: Path) -> None:
    program = tmp_path / "program.sh"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)

    def digest(template: str = TEMPLATE, **changes: Any) -> str:
        path = declare_program(tmp_path, template, command=[str(program)], **changes)
        return load_programs(path)["degree_days"].digest

    first = digest()
    assert digest(label="Another label") == first
    assert digest(timeout_s=1) != first
    assert digest(TEMPLATE + " ") != first
    program.write_text("#!/bin/sh\nexit 1\n")
    assert digest() != first


def test_the_digest_follows_what_the_program_reads_and_a_worker_sees_it_at_once(tmp_path: Path) -> None:
    table, data = tmp_path / "prices.csv", tmp_path / "data"
    (data / "__pycache__").mkdir(parents=True)
    table.write_text("gas,0.1\n")
    (data / "factors.csv").write_text("co2,0.2\n")
    path = declare_program(tmp_path / "declared", reads=[str(table), str(data), "/proc/cpuinfo"])
    program = load_programs(path)["degree_days"]
    digests = {program.digest}
    (data / "__pycache__" / "factors.pyc").write_text("made by an interpreter")
    assert {program.digest} == digests
    table.write_text("gas,0.12\n")
    digests.add(program.digest)
    (data / "factors.csv").write_text("co2,0.25\n")
    digests.add(program.digest)
    (data / "more.csv").write_text("so2,0\n")
    digests.add(program.digest)
    assert len(digests) == 4


def test_the_name_of_a_metric_ends_in_its_unit() -> None:
    assert [unit_ending(unit) for unit in ("kWh", "kWh/m2", "W", "h", "1", "%", "K d", "m3/s")] == [
        "_kwh",
        "_kwh_m2",
        "_w",
        "_hours",
        "",
        "_percent",
        "_k_d",
        "_m3_s",
    ]
