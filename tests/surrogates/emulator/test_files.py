"""Surrogates written to files and read back; files that are damaged, or made to do harm."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from surrogates.emulator import files
from surrogates.emulator.errors import DamagedFileError
from surrogates.emulator.files import FACTS, NUMBERS, load_emulator, save_emulator
from tests.surrogates.emulator.made import ask, hardware, make_emulator

KINDS = ("gp", "ensemble", "boosting", "ridge")


def write(path: Path, kind: str = "ridge") -> Path:
    save_emulator(make_emulator(kind), path, {"batch": "b", "cases": [1, 2]})
    return path


def pack(numbers) -> bytes:
    return save({name: tensor.contiguous() for name, tensor in numbers.items()})


def alter(path: Path, *, facts=None, tensors=None) -> Path:
    """Write a file anew with altered facts or tensors; what an alteration returns takes their place."""
    with zipfile.ZipFile(path) as archive:
        told, numbers = json.loads(archive.read(FACTS)), load(archive.read(NUMBERS))
    if facts:
        told = facts(told) or told
    if tensors:
        numbers = tensors(numbers) or numbers
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(FACTS, told if isinstance(told, bytes) else json.dumps(told))
        archive.writestr(NUMBERS, numbers if isinstance(numbers, bytes) else pack(numbers))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_back_answers_as_what_was_written_to_the_last_bit(kind, tmp_path):
    path = write(tmp_path / "s", kind)
    read, provenance = load_emulator(path)
    own = make_emulator(kind)
    before, after = (emulator.predict(ask(33), hardware()) for emulator in (own, read))
    for name in ("mean", "low", "high", "inside"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert read.report == own.report
    assert provenance == {"batch": "b", "cases": [1, 2]}


def test_the_same_surrogate_is_the_same_file_and_its_name_tells_its_contents(tmp_path):
    one, other = (save_emulator(make_emulator(), tmp_path / name, {}) for name in ("a", "b"))
    assert one == other
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert save_emulator(make_emulator(), tmp_path / "c", {"batch": 1}) != one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_file_that_fails_to_be_written_leaves_the_one_that_was_there(tmp_path):
    path = write(tmp_path / "s")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_emulator(make_emulator(), path, {"error": float("nan")})
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"", "zip"),
        (b"PK\x03\x04 no", "zip"),
        (b"\x80\x04\x95 a pickle", "zip"),
    ],
)
def test_a_file_that_is_no_zip_is_refused(written, told, tmp_path):
    (tmp_path / "s").write_bytes(written)
    with pytest.raises(DamagedFileError, match=told):
        load_emulator(tmp_path / "s")


@pytest.mark.parametrize("share", [0.2, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(share, tmp_path):
    path = write(tmp_path / "s")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DamagedFileError):
        load_emulator(path)


def test_no_flipped_byte_makes_another_error_or_another_surrogate(tmp_path):
    path = write(tmp_path / "s")
    whole, rng = path.read_bytes(), np.random.default_rng(3)
    own = make_emulator().predict(ask(5), hardware()).mean
    for place in rng.integers(0, len(whole), 60):
        broken = bytearray(whole)
        broken[place] ^= 0x5A
        path.write_bytes(broken)
        try:
            read, _ = load_emulator(path)
        except DamagedFileError:
            continue
        assert np.array_equal(read.predict(ask(5), hardware()).mean, own)  # a byte that means nothing, as of a date


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [[FACTS], [FACTS, NUMBERS, "x"], ["../" + FACTS, NUMBERS], [FACTS, FACTS]])
def test_a_zip_with_other_parts_is_refused(names, tmp_path):
    with zipfile.ZipFile(tmp_path / "s", "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    with pytest.raises(DamagedFileError, match="a surrogate holds"):
        load_emulator(tmp_path / "s")


def test_a_part_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path):
    path = tmp_path / "s"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FACTS, b" " * 50_000_000)
        archive.writestr(NUMBERS, b"")
    with pytest.raises(DamagedFileError, match="would have 50,000,000 bytes"):
        load_emulator(path)
    # The same, but lying about its size, in the directory and at the part itself.
    lying = path.read_bytes().replace((50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(lying)
    with pytest.raises(DamagedFileError):
        load_emulator(path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    path = write(tmp_path / "s")
    monkeypatch.setattr(files, "MOST_FILE_BYTES", 1000)
    with pytest.raises(DamagedFileError, match="accepted: up to 1,000"):
        load_emulator(path)


def put(*place_and_value):
    *place, value = place_and_value

    def change(told):
        inner = told
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put("version", 2), "version 2"),
        (put("format", "pickle"), "`format`"),
        (put("kind", "torchscript"), "`kind`"),
        (put("kind", "gp"), "tensor"),
        (put("code", "import os"), "`code`"),
        (put("reach", "far"), "`reach`"),
        (put("reach", -1.0), "reach"),
        (put("group_input", "lights"), "lights"),
        (put("groups", ["cold", "cold"]), "groups"),
        (put("groups", ["cold"]), "group_of"),
        (put("inputs", "columns", []), "inputs"),
        (put("inputs", "columns", 0, "kind", "lambda"), "kind"),
        (put("inputs", "columns", 0, "conductivity_w_mk", 0.0), "insulation"),
        (put("inputs", "columns", 2, "low", 0.0), "cop"),
        (put("inputs", "columns", 3, "low", 99.0), "lights"),
        (put("inputs", "columns", 4, "values", []), "glass"),
        (put("inputs", "columns", 5, "climates", {}), "weather"),
        (put("inputs", "columns", 5, "climates", "mild", {"hdd18": 1.0}), "weather"),
        (put("inputs", "columns", 5, "climates", "mild", {"hdd18": "x", "ghi": 1.0}), "climates"),
        (put("inputs", "columns", 1, "name", "lights"), "named twice"),
        (put("inputs", "centre", [0.0]), "features"),
        (put("inputs", "spread", 0, 0.0), "deviation"),
        (put("targets", "metrics", ["a"]), "sums"),
        (put("targets", "components", 0, "spread", 0.0), "deviation"),
        (put("targets", "components", 0, "scale", "plain; drop"), "scale"),
        (put("targets", "weights", 0, []), "sums"),
        (put("report", None), "report"),
        (lambda _: b'{"version": 1, "reach": NaN}', "JSON|wrong"),
        (lambda _: b'{"version": 1, "reach": 1e999}', "wrong"),
        (lambda _: b"[" * 100_000, "JSON"),
        (lambda _: b"[]", "JSON"),
        (lambda _: b"\xff\xfe", "JSON"),
    ],
)
def test_facts_that_do_not_go_together_are_refused_by_name(change, told, tmp_path):
    path = alter(write(tmp_path / "s"), facts=change)
    with pytest.raises(DamagedFileError, match=told):
        load_emulator(path)


def set_tensor(name, made):
    def change(tensors):
        tensors[name] = made(tensors[name])

    return change


def drop(name):
    return lambda tensors: {other: tensor for other, tensor in tensors.items() if other != name}


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("ridge", lambda tensors: b"\x00" * 64, "safetensors"),
        ("ridge", lambda tensors: b"\xff" * 64, "safetensors"),
        ("ridge", drop("calibration.scores"), "scores"),
        ("ridge", drop("regressor.noise"), "noise"),
        ("ridge", lambda tensors: tensors | {"extra.thing": torch.zeros(1)}, "extra"),
        ("ridge", lambda tensors: tensors | {"regressor.thing": torch.zeros(1)}, "thing"),
        ("ridge", set_tensor("regressor.weights", lambda tensor: tensor[:, :1]), "weights"),
        ("ridge", set_tensor("regressor.weights", lambda tensor: tensor.float()), "float32"),
        ("ridge", set_tensor("regressor.weights", lambda tensor: tensor * torch.nan), "not finite"),
        ("ridge", set_tensor("regressor.spread", lambda tensor: tensor * 0), "spread"),
        ("ridge", set_tensor("regressor.noise", lambda tensor: -tensor - 1), "noise"),
        ("ridge", set_tensor("calibration.scores", lambda tensor: -1 - tensor), "scores"),
        ("ridge", set_tensor("calibration.group_of", lambda tensor: tensor + 7), "group_of"),
        ("ridge", set_tensor("domain.rows", lambda tensor: tensor[:, 1:]), "rows"),
        ("ridge", set_tensor("domain.rows", lambda tensor: tensor[:0]), "no rows"),
        ("ridge", set_tensor("domain.rows", lambda tensor: tensor.to(torch.complex64)), "complex64"),
        ("boosting", set_tensor("regressor.feature", lambda tensor: tensor + 1000), "feature"),
        ("boosting", set_tensor("regressor.left", lambda tensor: tensor + 1000), "left"),
        ("boosting", set_tensor("regressor.right", lambda tensor: tensor * 0), "leads back"),
        ("boosting", set_tensor("regressor.component", lambda tensor: tensor - 1), "component"),
        ("boosting", set_tensor("regressor.depth", lambda tensor: tensor + 10**12), "depth"),
        ("ensemble", set_tensor("regressor.bias.0", lambda tensor: tensor[:, :, 1:]), "bias.0"),
        ("ensemble", set_tensor("regressor.weight.2", lambda tensor: tensor[:, :, :1]), "components"),
        ("ensemble", set_tensor("regressor.weight.1", lambda tensor: tensor[0]), "weight.1"),
        ("gp", set_tensor("regressor.root", lambda tensor: tensor[:, 1:]), "root"),
        ("gp", set_tensor("regressor.features", lambda tensor: tensor[:, 1:]), "features"),
        ("gp", set_tensor("regressor.lengthscale", lambda tensor: tensor - 1e6), "lengthscale"),
    ],
)
def test_tensors_that_do_not_go_together_are_refused_by_name(kind, change, told, tmp_path):
    path = alter(write(tmp_path / "s", kind), tensors=change)
    with pytest.raises(DamagedFileError, match=told):
        load_emulator(path)
