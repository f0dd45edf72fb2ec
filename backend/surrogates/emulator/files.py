"""Surrogates as files: numbers and names in one zip, which is read with distrust, for users may upload what they like.

A file holds `surrogate.json` (what the inputs and metrics are, the report, where it comes from) and
`tensors.safetensors` (all numbers). Nothing in it is executed, nothing is unpacked to a path that it names, and no size
is believed before it is checked: docs/reference/surrogates.md describes the format.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from surrogates.emulator.calibration import Calibration
from surrogates.emulator.distillation import Pupil
from surrogates.emulator.domain import Domain
from surrogates.emulator.emulator import Emulator, Report
from surrogates.emulator.errors import DamagedFileError
from surrogates.emulator.hourly import HourlyAccuracy, HourlyHead
from surrogates.emulator.inputs import InputColumn, Inputs
from surrogates.emulator.regressors import Kind, Regressor, read_model
from surrogates.emulator.shapes import (
    Sizes,
    check_head,
    check_networks,
    check_numbers,
    check_regressor,
    check_ridge,
    check_shared,
)
from surrogates.emulator.targets import Component, Targets

FORMAT = "casefarm-surrogate"
VERSION = 1
FACTS, NUMBERS = "surrogate.json", "tensors.safetensors"
MOST_FILE_BYTES = 500_000_000
MOST_FACTS_BYTES = 16_000_000
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a zip: the same surrogate is the same file, whenever it is written
UNENCRYPTED = 0x1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Inputs(_Strict):
    columns: list[InputColumn]
    centre: list[FiniteFloat]
    spread: list[FiniteFloat]


class _Targets(_Strict):
    components: list[Component]
    metrics: list[str]
    weights: list[list[FiniteFloat]]


class _Hourly(_Strict):
    name: str
    unit: str
    kind: Kind
    is_positive: bool
    accuracy: HourlyAccuracy


class _Facts(_Strict):
    """What `surrogate.json` holds, but for the numbers in tensors."""

    format: Literal["casefarm-surrogate"]
    version: Literal[1]
    kind: Kind
    inputs: _Inputs
    targets: _Targets
    groups: list[str]
    group_input: str | None
    reach: FiniteFloat
    hourly: list[_Hourly]
    report: Report
    provenance: dict[str, Any]


def save_emulator(emulator: Emulator, path: Path, provenance: dict[str, Any]) -> str:
    """Write a surrogate to a file, whole or not at all.

    Args:
        emulator: what is kept.
        path: of the file; one that is there is replaced.
        provenance: where it comes from, plain data: read back with it.

    Returns:
        The SHA-256 of the file, in hexadecimal digits.
    """
    facts = json.dumps(tell_facts(emulator, provenance), ensure_ascii=False, allow_nan=False).encode()
    numbers = save_tensors({name: tensor.contiguous() for name, tensor in gather_tensors(emulator).items()})
    unfinished = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(zipfile.ZipInfo(FACTS, EARLIEST), facts, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo(NUMBERS, EARLIEST), numbers, zipfile.ZIP_STORED)
    with unfinished.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    unfinished.replace(path)
    return found


def load_emulator(path: Path) -> tuple[Emulator, dict[str, Any]]:
    """Read a surrogate, checking everything that it is made of.

    Args:
        path: of a file that anybody may have made.

    Returns:
        The surrogate, its tensors on the CPU, and where it comes from.

    Raises:
        DamagedFileError: it is no surrogate of this release, or its parts do not fit each other.
    """
    if path.stat().st_size > MOST_FILE_BYTES:
        raise DamagedFileError(f"The file has {path.stat().st_size:,} bytes; accepted: up to {MOST_FILE_BYTES:,}.")
    facts_bytes, numbers = read_parts(path)
    try:
        tensors = load_tensors(numbers)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise DamagedFileError(f"`{NUMBERS}` cannot be read as safetensors: {error}.") from error
    check_numbers(tensors)
    facts = read_facts(facts_bytes)
    return assemble(facts, tensors), facts.provenance


def read_parts(path: Path) -> tuple[bytes, bytes]:
    """Return the bytes of both parts of a file, after a look at what the zip says of them.

    Raises:
        DamagedFileError: it is no zip, has other parts than a surrogate's, or they are larger than they may be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sorted(part.filename for part in parts) != [FACTS, NUMBERS]:
                names = ", ".join(part.filename for part in parts)[:200]
                raise DamagedFileError(f"The file holds {names or 'nothing'}; a surrogate holds {FACTS} and {NUMBERS}.")
            facts, numbers = sorted(parts, key=lambda part: part.filename)
            return _read_part(archive, facts, MOST_FACTS_BYTES), _read_part(archive, numbers, MOST_FILE_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, ValueError, RuntimeError) as error:
        raise DamagedFileError(f"The file cannot be read as a zip: {error}.") from error


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & UNENCRYPTED:
        raise DamagedFileError(f"`{part.filename}` is packed in a way that surrogates are not; write it anew.")
    if part.file_size > most:
        raise DamagedFileError(f"`{part.filename}` would have {part.file_size:,} bytes; accepted: up to {most:,}.")
    with archive.open(part) as file:
        found = file.read(part.file_size)  # without a size it would unpack what is there before it looks at the limit
    if len(found) != part.file_size:
        raise DamagedFileError(f"`{part.filename}` is cut off after {len(found):,} of {part.file_size:,} bytes.")
    return found


def read_facts(told: bytes) -> _Facts:
    """Return what `surrogate.json` says, checked for itself.

    Raises:
        DamagedFileError: it is not what a surrogate of this release says.
    """
    try:
        version = json.loads(told).get("version")
        if isinstance(version, int) and version != VERSION:
            raise DamagedFileError(f"The file is of version {version} of the format; this release reads {VERSION}.")
        facts = _Facts.model_validate_json(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DamagedFileError(f"`{FACTS}` is wrong at `{place}`: {first['msg']}.") from error
    except (ValueError, AttributeError, RecursionError) as error:
        raise DamagedFileError(f"`{FACTS}` cannot be read as JSON: {error}.") from error
    for column in facts.inputs.columns:
        check_column(column)
    check_facts(facts)
    return facts


def check_column(column: InputColumn) -> None:
    """Refuse an input whose facts do not go together.

    Raises:
        DamagedFileError: with its name.
    """
    numbers = [column.low, column.high, column.conductivity_w_mk]
    numbers += [number for climate in column.climates.values() for number in climate.values()]
    if not all(number is None or np.isfinite(number) for number in numbers):
        raise DamagedFileError(f"The input '{column.name}' has numbers that are not finite.")
    if not column.is_text:
        ranged = column.low is not None and column.high is not None and column.low <= column.high
        above = column.kind not in ("logarithm", "reciprocal") or (column.low or 0.0) > 0
        conducting = column.kind != "thickness" or ((column.conductivity_w_mk or 0.0) > 0 and (column.low or 0.0) >= 0)
        if not (ranged and above and conducting):
            raise DamagedFileError(f"The input '{column.name}' has a range that a {column.kind} cannot have.")
    elif not column.values:
        raise DamagedFileError(f"The input '{column.name}' has no values.")
    elif column.kind == "weather":
        names = {tuple(climate) for climate in column.climates.values()}
        if len(names) > 1 or not set(column.values) <= column.climates.keys():
            raise DamagedFileError(f"The climates of '{column.name}' are not those of its values, or not alike.")


def check_facts(facts: _Facts) -> None:
    """Refuse facts that do not fit each other.

    Raises:
        DamagedFileError: with what is wrong.
    """
    columns, told, components = facts.inputs.columns, facts.targets, facts.targets.components
    for kind, names in (
        ("inputs", [column.name for column in columns]),
        ("metrics", told.metrics),
        ("components", [component.name for component in components]),
        ("groups", facts.groups),
        ("series", ["", *(head.name for head in facts.hourly)]),  # of which there need not be any
    ):
        if len(set(names)) != len(names) or not names:
            raise DamagedFileError(f"The {kind} of the surrogate are missing or named twice.")
    width = len(_make_inputs(facts).features)
    if not len(facts.inputs.centre) == len(facts.inputs.spread) == width:
        raise DamagedFileError(f"The inputs make {width} features, and there are other numbers of means or deviations.")
    if [len(row) for row in told.weights] != [len(components)] * len(told.metrics):
        raise DamagedFileError("The weights of the metrics' sums do not fit the metrics and components.")
    numbers = [number for component in components for number in (component.offset, component.spread)]
    spreads = [*facts.inputs.spread, *(component.spread for component in components)]
    if not np.isfinite(numbers).all() or min(spreads, default=1.0) <= 0 or facts.reach < 0:
        raise DamagedFileError("A standard deviation or a reach is not above 0, or a number is not finite.")
    if facts.group_input is not None and facts.group_input not in {c.name for c in columns if c.is_text}:
        raise DamagedFileError(f"The groups are told by '{facts.group_input}', which is no input of texts.")


def assemble(facts: _Facts, tensors: Mapping[str, Tensor]) -> Emulator:
    """Return the surrogate of checked facts and the tensors that go with them.

    Raises:
        DamagedFileError: they do not go together.
    """
    inputs, targets = _make_inputs(facts), _make_targets(facts)
    sizes = Sizes(len(inputs.features), len(targets.learnt))
    rooms = _sort_by_room(tensors)
    own = unpack_root(rooms.pop("regressor", {}))
    fast = _assemble_pupil(_sort_by_room(rooms.pop("fast")), sizes) if "fast" in rooms else None
    hourly = tuple(
        _assemble_head(head, rooms.pop(f"hourly-{place}", {}), sizes) for place, head in enumerate(facts.hourly)
    )
    shared = {**rooms.pop("calibration", {}), **rooms.pop("domain", {})}
    if rooms:
        raise DamagedFileError(f"There is no place for the tensors of {', '.join(sorted(rooms))[:200]}.")
    check_regressor(facts.kind, own, sizes)
    check_shared(shared, sizes, len(targets.metrics), len(facts.groups))
    calibration = Calibration(shared["scores"].numpy(), tuple(facts.groups), shared["group_of"].numpy())
    return Emulator(
        inputs=inputs,
        targets=targets,
        regressor=Regressor(facts.kind, read_model(facts.kind, own)),
        calibration=calibration,
        domain=Domain(shared["rows"], facts.reach),
        report=facts.report,
        group_input=facts.group_input,
        fast=fast,
        hourly=hourly,
    )


def _assemble_pupil(rooms: Mapping[str, Mapping[str, Tensor]], sizes: Sizes) -> Pupil:
    if rooms.keys() != {"polynomial", "networks"}:
        raise DamagedFileError("What answers fast is no polynomial and networks.")
    check_ridge(rooms["polynomial"], sizes, torch.float32)
    check_networks(rooms["networks"], sizes)
    return Pupil.from_tensors(rooms["polynomial"], rooms["networks"])


def _assemble_head(told: _Hourly, packed: Mapping[str, Tensor], sizes: Sizes) -> HourlyHead:
    own = {name: tensor for name, tensor in packed.items() if name in ("mean", "shapes", "scales")}
    check_head(own)
    learnt = unpack_root({name: tensor for name, tensor in packed.items() if name not in own}, "coefficients.")
    check_regressor(told.kind, learnt, Sizes(sizes.dimensions, len(own["scales"])))
    regressor = Regressor(told.kind, read_model(told.kind, learnt))
    return HourlyHead(told.name, told.unit, **own, regressor=regressor, is_positive=told.is_positive,
                      accuracy=told.accuracy)  # fmt: skip


def tell_facts(emulator: Emulator, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return what `surrogate.json` says of a surrogate."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": emulator.regressor.kind,
        "inputs": emulator.inputs.to_json(),
        "targets": emulator.targets.to_json(),
        "groups": list(emulator.calibration.groups),
        "group_input": emulator.group_input,
        "reach": emulator.domain.reach,
        "hourly": [
            {
                "name": head.name,
                "unit": head.unit,
                "kind": head.regressor.kind,
                "is_positive": head.is_positive,
                "accuracy": asdict(head.accuracy),
            }
            for head in emulator.hourly
        ],
        "report": asdict(emulator.report),
        "provenance": provenance,
    }


def gather_tensors(emulator: Emulator) -> dict[str, Tensor]:
    """Return the tensors of a surrogate by the names that they have in a file."""
    own = pack_root(emulator.regressor.model.tensors())
    hourly: dict[str, Tensor] = {}
    for place, head in enumerate(emulator.hourly):
        learnt = {f"coefficients.{name}": tensor for name, tensor in pack_root(head.regressor.model.tensors()).items()}
        told = {"mean": head.mean, "shapes": head.shapes, "scales": head.scales, **learnt}
        hourly |= {f"hourly-{place}.{name}": tensor for name, tensor in told.items()}
    fast = {} if emulator.fast is None else emulator.fast.tensors()
    return {
        **{f"regressor.{name}": tensor for name, tensor in own.items()},
        **{f"fast.{name}": tensor.cpu() for name, tensor in fast.items()},
        **hourly,
        "calibration.scores": torch.from_numpy(emulator.calibration.scores),
        "calibration.group_of": torch.from_numpy(emulator.calibration.group_of),
        "domain.rows": emulator.domain.rows.cpu(),
    }


def pack_root(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a regressor's tensors with triangles, as the roots of processes are, without their empty halves."""
    packed = {name: tensor.cpu() for name, tensor in tensors.items()}
    if "root" in packed:
        size = packed["root"].shape[-1]
        down, across = torch.tril_indices(size, size)
        packed["root"] = packed["root"][:, down, across]
    return packed


def unpack_root(packed: Mapping[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    """Return a regressor's tensors with whole triangles, by their names without a prefix; see `pack_root`.

    Raises:
        DamagedFileError: a root is no triangle of the rows.
    """
    tensors = {name.removeprefix(prefix): tensor for name, tensor in packed.items()}
    if "root" in tensors:
        root, features = tensors["root"], tensors.get("features")
        size = len(features) if features is not None and features.ndim == 2 else 0
        if root.ndim != 2 or root.shape[1] != size * (size + 1) // 2:
            raise DamagedFileError("The tensor `regressor.root` is no triangle of as many rows as there are.")
        down, across = torch.tril_indices(size, size)
        tensors["root"] = root.new_zeros(len(root), size, size)
        tensors["root"][:, down, across] = root
    return tensors


def _sort_by_room(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    rooms: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        room, _, own = name.partition(".")
        rooms.setdefault(room, {})[own] = tensor
    return rooms


def _make_inputs(facts: _Facts) -> Inputs:
    told = facts.inputs
    return Inputs(tuple(told.columns), np.array(told.centre, np.float64), np.array(told.spread, np.float64))


def _make_targets(facts: _Facts) -> Targets:
    told = facts.targets
    weights = np.array(told.weights, np.float64).reshape(len(told.metrics), len(told.components))
    return Targets(tuple(told.components), tuple(told.metrics), weights)
