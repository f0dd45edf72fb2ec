"""What is wrong with a study's form: keys, types, words that are yet to come."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.checks.examination import examine_study
from studies.definition import Parameter, Study, study_json_schema
from studies.problems import InvalidStudy, Problem
from tests.studies.conftest import MemoryLibrary, insulation, make_study

Refuse = Callable[..., dict[str, Problem]]


def test_a_misspelt_key_is_one_problem_that_names_the_right_one(refuse: Refuse) -> None:
    problems = refuse(make_study(insulation(target=..., taget={}), wether="chicago", weather=...))
    assert set(problems) == {"wether", "parameters[0].taget"}
    assert problems["wether"].message == "There is no key `wether`; did you mean `weather`?"
    assert "`target`" in problems["parameters[0].taget"].message
    assert problems["parameters[0].taget"].accepted == list(Parameter.model_fields)


def test_missing_keys_are_named_with_what_belongs_there(refuse: Refuse) -> None:
    problems = refuse({"parameters": [{"target": {"class": "Material"}}]})
    assert set(problems) == {
        "name", "model", "weather", "parameters[0].name", "parameters[0].values",
        "parameters[0].target.object", "parameters[0].target.field",
    }  # fmt: skip
    assert problems["model"].accepted == "Alias or id of a model in the library; several make the model a parameter."


def test_a_key_without_a_value_counts_as_not_written(library: MemoryLibrary, refuse: Refuse) -> None:
    assert set(refuse(make_study(name=None))) == {"name"}
    study = make_study(insulation(uniform=None), run_period=None, design=None, baseline=None)
    assert examine_study(study, library).study == examine_study(make_study(), library).study


@pytest.mark.parametrize("raw", [5, "a", {"a": 1}, [["a"]], ["ab"], [5]])
def test_linked_is_a_list_of_groups_of_names(refuse: Refuse, raw: Any) -> None:
    (path,) = refuse(make_study(linked=raw))
    assert path in ("linked", "linked[0]")


@pytest.mark.parametrize("raw", ["a < 1", {"a": 1}, [5], [""], ["x" * 1001]])
def test_constraints_are_a_list_of_texts(refuse: Refuse, raw: Any) -> None:
    (path,) = refuse(make_study(constraints=raw))
    assert path in ("constraints", "constraints[0]")


def test_an_empty_list_of_links_or_constraints_counts_as_none(library: MemoryLibrary) -> None:
    assert examine_study(make_study(linked=[], constraints=[]), library).study.linked == ()


SPREADS = {
    "normal": {"mean": 0.1, "sd": 0.01},
    "truncated_normal": {"mean": 0.1, "sd": 0.01, "low": 0.05, "high": 0.2},
    "triangular": {"low": 0.05, "mode": 0.1, "high": 0.2},
    "loguniform": [0.05, 0.2],
    "uniform": [0.05, 0.2],
    "choice": [0.05, 0.2],
    "integer": [1, 3],
}


@pytest.mark.parametrize("key", SPREADS)
def test_every_distribution_can_be_sampled(library: MemoryLibrary, key: str) -> None:
    study = make_study(insulation(values=..., **{key: SPREADS[key]}), design=LHS)
    assert examine_study(study, library).study.parameters[0].spread == key


def test_ends_that_no_number_can_lie_between_are_refused(refuse: Refuse) -> None:
    far = {"mean": 1e300, "sd": 1e-9, "low": 0.05, "high": 0.2}
    (problem,) = refuse(make_study(insulation(values=..., truncated_normal=far), design=LHS)).values()
    assert problem.message == "Move the ends nearer to the mean: the distribution has nothing between them."


@pytest.mark.parametrize("key", ["normal", "truncated_normal", "triangular"])
def test_a_distribution_names_all_of_its_numbers(refuse: Refuse, key: str) -> None:
    problems = refuse(make_study(insulation(values=..., **{key: {"hgh": 3}}), design=LHS))
    assert f"parameters[0].{key}.hgh" in problems
    assert all(path.startswith(f"parameters[0].{key}") for path in problems)
    (listed,) = refuse(make_study(insulation(values=..., **{key: [1, 2]}), design=LHS)).values()
    assert listed.message.startswith("Write it as a mapping: {")


LHS = {"method": "lhs", "samples": 4}
DESIGNS: list[dict[str, Any]] = [
    {"method": "sobol", "samples": 8},
    {"method": "halton", "samples": 8, "seed": 3},
    {"method": "random", "samples": 8},
    {"method": "lhs", "samples": 8, "centred": True, "optimise": "maximin"},
    {"method": "morris", "trajectories": 4},
    {"method": "saltelli", "samples": 8, "second_order": True},
    {"method": "one_at_a_time"},
    {"method": "grid", "levels": 3},
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design["method"])
def test_every_design_is_accepted(library: MemoryLibrary, design: dict[str, Any]) -> None:
    assert examine_study(make_study(design=design), library).study.design.method == design["method"]


@pytest.mark.parametrize("key", ["optimise", "second_order", "levels", "rows", "population"])
def test_a_key_of_another_design_is_refused_as_such(refuse: Refuse, key: str) -> None:
    (problem,) = refuse(make_study(design={"method": "sobol", "samples": 4, key: 2})).values()
    assert problem.message == f"The design `sobol` has no `{key}`; leave it out or choose another `method`."


@pytest.mark.parametrize("field", [0, -1, True, 1.5, ["Thickness"], ""])
def test_a_field_is_a_name_or_a_position_from_1(refuse: Refuse, field: Any) -> None:
    target = {"class": "Material", "object": "*", "field": field}
    assert list(refuse(make_study(insulation(target=target)))) == ["parameters[0].target.field"]


def test_each_of_several_targets_is_read_on_its_own(refuse: Refuse) -> None:
    targets = [{"class": "Material", "object": "*"}, "Material", {"clas": "Lights", "object": "*", "field": "x"}]
    assert set(refuse(make_study(insulation(target=targets)))) == {
        "parameters[0].target[0].field", "parameters[0].target[1]", "parameters[0].target[2].clas",
    }  # fmt: skip
    assert list(refuse(make_study(insulation(target=[])))) == ["parameters[0].target"]


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"name": 5}, "name", "Write a text; a number or a word like true goes in quotes."),
        ({"name": "  "}, "name", "Write a text that is not blank."),
        ({"name": "two\nlines"}, "name", "Remove line breaks and control characters."),
        ({"name": "n" * 201}, "name", "Write at most 200 characters."),
        ({"model": []}, "model", "Write at least 1 of them."),
        ({"model": 7}, "model", "Write a list."),
        ({"weather": ["chicago", 7]}, "weather[1]", "Write a text; a number or a word like true goes in quotes."),
        ({"baseline": "yes"}, "baseline", "Write true or false."),
        ({"priority": "urgent"}, "priority", "Write one of the accepted words."),
        ({"priority": "norml"}, "priority", "Did you mean `normal`?"),
        ({"keep": "ful"}, "keep", "Did you mean `full`?"),
        ({"outputs": {"meter": "Electricity:Facility"}}, "outputs",
         "Write a list of outputs: [{meter: …, frequency: …}, {variable: …, frequency: …}]."),
        ({"outputs": ["Electricity:Facility"]}, "outputs[0]",
         "Write an output as a mapping with `meter` or `variable`, and `frequency`."),
        ({"outputs": [{"meter": "Electricity:Facility"}]}, "outputs[0].frequency",
         "Write `frequency`: it is missing."),
        ({"outputs": [{"meter": "Electricity:Facility", "frequency": "run-period"}]}, "outputs[0].frequency",
         "Did you mean `run_period`?"),
        ({"outputs": [{"frequency": "daily"}]}, "outputs[0]", "Write one of the two, `meter` or `variable`."),
        ({"outputs": [{"meter": "Electricity:Facility", "variable": "x", "frequency": "daily"}]}, "outputs[0]",
         "Write one of the two, `meter` or `variable`."),
        ({"outputs": [{"variable": "a,b", "frequency": "daily"}]}, "outputs[0].variable",
         "Write the name without `,`, `;` and `!`, as the engine writes it."),
        ({"parameters": {"a": 1}}, "parameters", "Write a list of parameters."),
        ({"parameters": ["lighting"]}, "parameters[0]",
         "Write a parameter as a mapping with `name`, `target` and `values`."),
        ({"design": "grid"}, "design", "Write {method: grid}."),
        ({"design": ["grid"]}, "design", "Write a design as a mapping with `method`."),
        ({"design": {}}, "design.method", "Write a `method`."),
        ({"design": {"method": "gird"}}, "design.method", "Did you mean `grid`?"),
        ({"design": {"method": ["grid"]}}, "design.method", "Did you mean `grid`?"),
        ({"design": {"method": "grid", "samples": 3}}, "design.samples",
         "The design `grid` has no `samples`; leave it out or choose another `method`."),
        ({"design": {"method": "lhs"}}, "design.samples", "Write `samples`: it is missing."),
        ({"design": {"method": "lhs", "samples": 0}}, "design.samples", "Write a number of at least 1."),
        ({"design": {"method": "lhs", "samples": 2.5}}, "design.samples", "Write a whole number."),
        ({"design": {"method": "lhs", "samples": True}}, "design.samples", "Write a whole number."),
        ({"design": {"method": "lhs", "samples": 3, "seed": -1}}, "design.seed", "Write a number of at least 0."),
        ({"design": {"method": "table", "rows": []}}, "design.rows",
         "Write a list of 1 to 100,000 rows, a mapping for each case."),
        ({"run_period": "anual"}, "run_period", "Did you mean `annual`?"),
        ({"run_period": {"start": "01-01"}}, "run_period.end", "Write `end`: it is missing."),
        ({"run_period": {"start": "02-29", "end": "03-01"}}, "run_period.start",
         "Write a day of a year without leap day, like 01-31."),
        ({"run_period": {"start": 101, "end": "03-01"}}, "run_period.start",
         "Write month and day as text, like 01-31."),
        ({"run_period": {"start": "12-01", "end": "01-31"}}, "run_period",
         "End the run period on or after its first day; a period over the new year is not supported yet."),
    ],
)  # fmt: skip
def test_a_slip_of_form_is_one_problem_that_says_what_to_do(
    refuse: Refuse, changes: dict[str, Any], path: str, message: str
) -> None:
    parameters = {} if "rows" not in changes.get("design", ()) else {"parameters": []}
    problems = refuse(make_study(**{**parameters, **changes}))
    assert {found: problem.message for found, problem in problems.items()} == {path: message}
    assert problems[path].accepted


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, 'Write a number or a text; yes and no go in quotes: "Yes".'),
        (None, "Write a number."),
        (float("nan"), "Write a finite number."),
        (float("-inf"), "Write a finite number."),
        (10**400, "Write a finite number."),
        ([0.1], "Write a number."),
        ("", "Write a text that is not blank."),
        ("1; Lights, x", "Write the text without `,`, `;` and `!`: a model file cannot hold them."),
        ("a\nb", "Remove line breaks and control characters."),
    ],
)
def test_a_value_that_no_model_can_hold_is_refused(refuse: Refuse, value: object, message: str) -> None:
    problems = refuse(make_study(insulation(values=[0.1, value])))
    assert {path: problem.message for path, problem in problems.items()} == {"parameters[0].values[1]": message}


@pytest.mark.parametrize(
    ("uniform", "path"),
    [([1], "uniform[1]"), ([1, 2, 3], "uniform"), (["a", 2], "uniform[0]"), (3, "uniform"), ({}, "uniform")],
)
def test_a_range_is_two_numbers(refuse: Refuse, uniform: object, path: str) -> None:
    problems = refuse(make_study(insulation(values=..., uniform=uniform), design=LHS))
    assert list(problems) == [f"parameters[0].{path}"]


@pytest.mark.parametrize("name", ["1st", "roof-u", "roof u", "dach_ä", "", "x" * 61, 5])
def test_a_parameter_name_is_a_word_that_every_tool_can_read(refuse: Refuse, name: object) -> None:
    assert list(refuse(make_study(insulation(name=name)))) == ["parameters[0].name"]


def test_what_is_found_can_always_be_written_as_json(refuse: Refuse) -> None:
    wild = {
        "na\ud800me": "\ud800\x00",
        "parameters": [{"values": [float("nan"), 10**999, b"bytes", {"a": 1}, "x" * 999]}],
    }
    problems = refuse({**make_study(), **wild})
    text = json.dumps([[p.path, p.message, p.found, p.accepted] for p in problems.values()], allow_nan=False)
    assert text.encode()
    assert problems["parameters[0].values[0]"].found == "nan"


def test_thousands_of_slips_are_not_all_told(library: MemoryLibrary) -> None:
    with pytest.raises(InvalidStudy) as refusal:
        examine_study(make_study(insulation(values=[True] * 5000)), library)
    assert len(refusal.value.problems) == 201
    assert "4,800 more problems" in refusal.value.problems[-1].message


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([*Study.model_fields, "x"]), JSON_VALUES, st.sampled_from(["", "parameters", "target"]))
def test_whatever_stands_anywhere_the_study_is_accepted_or_refused(key: str, value: object, where: str) -> None:
    parameter = insulation()
    study = make_study(parameter)
    {"": study, "parameters": parameter, "target": parameter["target"]}[where][key] = value
    try:
        examined = examine_study(study, MemoryLibrary())
    except InvalidStudy as refusal:
        json.dumps([[p.path, p.message, p.found, p.accepted] for p in refusal.problems], allow_nan=False)
    else:
        assert examined.points.case_count >= 1


def test_a_study_survives_storage_as_json(library: MemoryLibrary) -> None:
    document = make_study(
        insulation(),
        insulation(name="b", target={"class": "Lights", "object": ["Hall*"], "field": "Watts per Floor Area"},
                   change="scale", values=..., uniform=[0.5, 1.2]),
        weather=["chicago", "miami"], baseline=True, run_period={"start": "01-01", "end": "01-31"},
        design={"method": "lhs", "samples": 10},
    )  # fmt: skip
    study = examine_study(document, library).study
    stored = json.loads(json.dumps(study.model_dump(mode="json")))
    assert Study.model_validate(stored) == study
    assert examine_study(stored, library).study == study
    assert stored["design"]["seed"] == 0
    assert stored["model"] == "shed"
    assert "uniform" not in stored["parameters"][0]


def test_the_json_schema_names_every_key_and_refers_as_asked() -> None:
    schema = study_json_schema()
    assert set(schema["properties"]) == {
        "name", "engine", "model", "weather", "run_period", "baseline", "parameters", "design", "linked",
        "constraints", "outputs", "keep", "priority", "retries", "adaptive",
    }  # fmt: skip
    assert schema["required"] == ["name"]
    assert set(schema["$defs"]["Target"]["properties"]) == {"class", "object", "field", "change", "optional_in"}
    assert {"type": "string", "maxLength": 200} in schema["properties"]["model"]["anyOf"]
    assert "#/components/schemas/Parameter" in json.dumps(study_json_schema("#/components/schemas/{model}"))
