"""Drafts: what is written to them is seen, only what differs comes out, and it becomes the same model by every way."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energyplus.errors import ModelError
from energyplus.models.building_model import BuildingModel, CaseEdits, NewObject, RunPeriod
from energyplus.models.canonical import digest_model
from energyplus.models.case_objects import FieldEdit
from energyplus.models.description import ModelDescription, describe_model
from energyplus.models.draft import ModelDraft
from energyplus.models.model_text import TextModel, read_model_file
from tests.engine.cases import THREE_DAYS, ask_for
from tests.engine.test_patch import apply


@pytest.fixture(scope="module")
def office(small_office: BuildingModel) -> ModelDescription:
    return small_office.describe()


def read(text: str, folder: Path) -> TextModel:
    (folder / "case.idf").write_text(text)
    return read_model_file(folder / "case.idf")


def test_a_fresh_draft_differs_in_nothing(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    assert draft.objects("lights")[0].name == office.classes["Lights"][0].name
    assert draft.conclude() == CaseEdits()


def test_what_is_set_is_seen_by_whoever_looks_next(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    entry = draft.objects("LIGHTS")[1]
    entry.set("watts per floor area", 7.5)
    again = draft.find("Lights", entry.name.upper())
    assert again is not None
    assert (again.number("watts_per_floor_area"), again.text(5), again.values[5]) == (7.5, "7.5", 7.5)
    assert draft.conclude().edits == (FieldEdit("Lights", 1, 5, 7.5),)


def test_a_value_that_the_model_has_is_no_difference(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    entry = draft.objects("Lights")[0]
    own = entry.number(5)
    assert own is not None
    entry.set(5, 99.0)
    entry.set(5, float(own))
    assert draft.conclude() == CaseEdits()


def test_words_and_blanks_are_no_numbers(office: ModelDescription) -> None:
    coil = ModelDraft(office).objects("Coil:Cooling:DX:SingleSpeed")[0]
    assert (coil.text(2).casefold(), coil.number(2)) == ("autosize", None)
    last = len(coil.schema.fields) - 1
    assert (coil.text(last), coil.number(last)) == ("", None)


def test_objects_come_and_go(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    first = draft.objects("Lights")[0]
    new = draft.add("lights", {"Name": "Desk lamps", "Watts per Floor Area": 2, 1: first.text(1)})
    draft.remove(first)
    names = [entry.name for entry in draft.objects("Lights")]
    assert names == [*(entry.name for entry in office.classes["Lights"][1:]), "Desk lamps"]
    assert (new.position, draft.find("Lights", first.name), draft.find("Lights", "DESK LAMPS")) == (None, None, new)
    edits = draft.conclude()
    assert edits.removed == {("Lights", 0)}
    assert edits.added == (NewObject("Lights", ("Desk lamps", first.text(1), "", "", "", 2)),)


def test_an_added_object_that_is_removed_again_leaves_nothing(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    draft.remove(draft.add("Lights", {"Name": "Desk lamps"}))
    assert draft.conclude() == CaseEdits()


def test_a_copy_has_every_field_and_another_name(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    entry = draft.objects("Material")[0]
    entry.set("Thickness", 0.5)
    copy = draft.copy(entry, draft.unique_name(entry.name))
    assert copy.name == f"{entry.name} 2"
    assert copy.values[1:] == entry.values[1:]


def test_a_unique_name_is_that_of_no_object_of_any_class(office: ModelDescription) -> None:
    draft = ModelDraft(office)
    zone = office.classes["Zone"][0].name
    assert draft.unique_name("new to all") == "new to all"
    assert draft.unique_name(zone.lower()) == f"{zone.lower()} 2"
    draft.add("Material", {0: "glue"})
    assert draft.unique_name("Glue") == "Glue 2"


def test_numbers_of_numpy_become_numbers_that_idf_holds(office: ModelDescription, small_office: BuildingModel) -> None:
    draft = ModelDraft(office)
    draft.objects("Lights")[0].set(5, np.float64(0.1) * 3)
    draft.objects("Building")[0].set("Maximum Number of Warmup Days", np.int64(30))
    values = [edit.value for edit in draft.conclude().edits]
    assert [type(value) for value in values] == [int, float]
    assert "np." not in small_office.render(ask_for(draft.conclude(), THREE_DAYS))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda draft: draft.objects("Lightz"), "no class 'Lightz'"),
        (lambda draft: draft.objects("Lights")[0].set("Wattage", 1), "Lights has no field 'Wattage'"),
        (lambda draft: draft.objects("Lights")[0].set(99, 1), "Lights has no field 99"),
        (lambda draft: draft.objects("Lights")[0].set(-1, 1), "Lights has no field -1"),
        (lambda draft: draft.objects("Lights")[0].set(5, float("nan")), "not a finite number"),
        (lambda draft: draft.objects("Lights")[0].set(5, True), "not a finite number"),
        (lambda draft: draft.objects("Lights")[0].set(2, "a, b"), "IDF cannot hold"),
        (lambda draft: draft.add("Zone", {0: draft.objects("Zone")[0].name.upper()}), "has a Zone .* already"),
    ],
)
def test_what_cannot_be_written_is_refused(office: ModelDescription, write: object, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        write(ModelDraft(office))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (NewObject("PythonPlugin:Instance", ("a", "Yes", "b", "c")), "Python code"),
        (NewObject("ExternalInterface", ("PtolemyServer",)), "network connection"),
        (NewObject("ExternalInterface:FunctionalMockupUnitImport", ("a.fmu",)), "unpack an FMU"),
        (NewObject("Schedule:File", ("s", "", "/etc/passwd", 1, 0)), "cannot be added with a File Name"),
        (NewObject("Construction:WindowDataFile", ("glass",)), "cannot be added with a File Name"),
        (NewObject("Output:SQLite", ("Simple",)), "every case reports the same"),
        (NewObject("OutputControl:Files", ("Yes",)), "every case reports the same"),
        (NewObject("Version", ("9.2",)), "Version cannot vary"),
        (NewObject("RunPeriod", ("r", 1, 1, "", 1, 2)), "the run period says"),
        (NewObject("Nonsense", ()), "no class 'Nonsense'"),
        (NewObject("ScheduleTypeLimits", ("a", 0, 1, "Continuous", "x", "y")), "has no field 5"),
        (NewObject("Zone", ("one;\nOutput:SQLite,Simple",)), "IDF cannot hold"),
        (NewObject("Zone", ("one", float("inf"))), "not a finite number"),
    ],
)
def test_no_way_leads_to_an_object_that_no_case_may_have(
    small_office: BuildingModel, added: NewObject, message: str
) -> None:
    request = ask_for(CaseEdits(added=(added,)), THREE_DAYS)
    for make in (small_office.render, small_office.patch, small_office.content_key, small_office.plan_objects):
        with pytest.raises(ModelError, match=message):
            make(request)


@pytest.mark.parametrize(
    ("removed", "message"),
    [(("Lights", 5), "none at position 5"), (("Version", 0), "Version"), (("RunPeriod", 0), "the run period says")],
)
def test_what_is_not_there_or_has_to_stay_is_not_removed(
    small_office: BuildingModel, removed: tuple[str, int], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        small_office.render(ask_for(CaseEdits(removed=frozenset({removed})), THREE_DAYS))


def test_new_and_removed_objects_are_in_the_text_and_in_the_patch(small_office: BuildingModel, tmp_path: Path) -> None:
    draft = ModelDraft(small_office.describe())
    gone = draft.objects("Lights")[0]
    draft.add("Lights", {"Name": "Desk lamps", "Watts per Floor Area": 0.1 + 0.2})
    draft.remove(gone)
    request = ask_for(draft.conclude(), THREE_DAYS)
    text, patch = small_office.render(request), small_office.patch(request)
    names = [entry.values[0] for entry in read(text, tmp_path).objects if entry.class_name == "Lights"]
    assert (gone.name in names, names[-1]) == (False, "Desk lamps")
    assert repr(0.1 + 0.2) in text
    assert f"@@ Lights {gone.name}" in patch
    assert f"\n-  {gone.name}," in patch
    assert "@@ Lights Desk lamps" in patch
    assert "\n+    Desk lamps," in patch
    assert apply(patch, small_office.render(ask_for((), THREE_DAYS))) == text


def test_a_run_period_of_the_case_wins_over_that_of_the_study(small_office: BuildingModel) -> None:
    draft = ModelDraft(small_office.describe())
    draft.run_period = RunPeriod("design_days")
    own = ask_for(draft.conclude(), THREE_DAYS)
    assert own.simulated == RunPeriod("design_days")
    assert small_office.render(own) == small_office.render(ask_for((), RunPeriod("design_days")))
    assert small_office.content_key(own) == small_office.content_key(ask_for((), RunPeriod("design_days")))
    assert apply(small_office.patch(own), small_office.render(ask_for((), THREE_DAYS))) == small_office.render(own)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 4), st.floats(0.5, 30.0)),
        st.tuples(st.just("remove"), st.integers(0, 4), st.just(0.0)),
        st.tuples(st.just("add"), st.integers(0, 3), st.floats(0.5, 30.0)),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
def test_key_text_and_patch_agree_whatever_is_written(
    small_office: BuildingModel, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, float]]
) -> None:
    draft = ModelDraft(small_office.describe())
    for what, position, value in steps:
        lights = draft.objects("Lights")
        if what == "add" and draft.find("Lights", f"lamp {position}") is None:
            draft.add("Lights", {"Name": f"Lamp {position}", "Watts per Floor Area": value})
        elif what == "set" and position < len(lights):
            lights[position].set("Watts per Floor Area", value)
        elif what == "remove" and position < len(lights):
            draft.remove(lights[position])
    request = ask_for(draft.conclude(), THREE_DAYS)
    text = small_office.render(request)
    assert small_office.content_key(request) == digest_model(read(text, tmp_path_factory.mktemp("case")))
    assert apply(small_office.patch(request), small_office.render(ask_for((), THREE_DAYS))) == text


def test_two_drafts_that_give_the_same_model_have_one_key(small_office: BuildingModel) -> None:
    there, back = (ModelDraft(small_office.describe()) for _ in range(2))
    for draft, names in ((there, (2, 1)), (back, (1, 2))):
        for position in names:
            draft.objects("Lights")[position].set(5, 4.5)
        draft.add("Material", {0: "glue", 2: 0.1})
    back.objects("Lights")[0].set(5, 1.0)
    back.objects("Lights")[0].set(5, float(small_office.describe().classes["Lights"][0].values[5]))
    back.remove(back.add("Zone", {0: "short-lived"}))
    keys = {small_office.content_key(ask_for(draft.conclude(), THREE_DAYS)) for draft in (there, back)}
    assert len(keys) == 1
    assert there.conclude() == back.conclude()


def test_what_came_with_a_later_version_is_not_in_an_older_model() -> None:
    text = "Version,9.2;\nZone,Room;\nLights,Lamps,Room,Always,Watts/Area,,10;\nCompliance:Building,5;\n"
    with TemporaryDirectory() as folder:
        (Path(folder) / "old.idf").write_text(text)
        draft = ModelDraft(describe_model(Path(folder) / "old.idf", ("9.2",)))
    assert draft.objects("Space") == ()
    assert draft.find("SpaceList", "All") is None
    lamps = draft.objects("Lights")[0]
    assert lamps.text("Watts per Zone Floor Area") == "10"  # what the field was called then
    assert (lamps.text("Watts per Floor Area"), lamps.number("Watts per Floor Area")) == ("", None)
    with pytest.raises(ModelError, match=r"no field 'Watts per Floor Area' in EnergyPlus 9\.2"):
        lamps.set("Watts per Floor Area", 5)
    with pytest.raises(ModelError, match=r"9\.2 has no class 'Space'"):
        draft.add("Space", {0: "Desks"})
    with pytest.raises(ModelError, match="no class 'Spaces'"):
        draft.objects("Spaces")
