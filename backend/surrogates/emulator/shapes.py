"""What the tensors of a surrogate must be like: names, dtypes and shapes against each other, numbers that can be.

`files.py` holds every file that it reads against this, so that nothing in it makes a computation run wild: an index
that leads out of a table, a tree that leads back to its root, a size that does not fit, a number that is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from surrogates.emulator.errors import DamagedFileError
from surrogates.emulator.regressors import Kind

DTYPES = (torch.float64, torch.float32, torch.int64, torch.bool)
MOST_LAYERS = 16


@dataclass(frozen=True)
class Sizes:
    """What a regressor is asked by and answers for.

    Attributes:
        dimensions: standardised features.
        components: learnt components.
    """

    dimensions: int
    components: int


def check_numbers(tensors: Mapping[str, Tensor]) -> None:
    """Refuse dtypes that no surrogate has, and numbers that are none.

    Raises:
        DamagedFileError: with the name of the tensor.
    """
    for name, tensor in tensors.items():
        if tensor.dtype not in DTYPES:
            raise DamagedFileError(f"The tensor `{name}` is of {tensor.dtype}, which no surrogate has.")
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise DamagedFileError(f"The tensor `{name}` holds numbers that are not finite.")


def check_regressor(kind: Kind, tensors: Mapping[str, Tensor], sizes: Sizes) -> None:
    """Refuse tensors that are not those of a regressor of a kind.

    Args:
        kind: which.
        tensors: by name, as the model's `tensors()` says.
        sizes: what it is asked by and answers for.

    Raises:
        DamagedFileError: with what is wrong.
    """
    checks = {"gp": check_process, "ensemble": check_networks, "boosting": check_trees, "ridge": check_ridge}
    checks[kind](tensors, sizes)


def check_process(tensors: Mapping[str, Tensor], sizes: Sizes) -> None:
    """Refuse tensors that are not those of Gaussian processes; see `check_regressor`."""
    d, c = sizes.dimensions, sizes.components
    rows = _measure(tensors, "features", 2)[0]
    wanted = {
        "features": (rows, d), "weights": (c, rows), "root": (c, rows, rows), "lengthscale": (c, d), "signal": (c,),
        "linear": (c, d), "noise": (c,),
    }  # fmt: skip
    _compare(tensors, wanted, torch.float64)
    for name in ("lengthscale", "signal", "linear", "noise"):
        _bound(tensors, name, -50.0, 50.0)  # logarithms: beyond these nothing can be learnt from any row


def check_networks(tensors: Mapping[str, Tensor], sizes: Sizes) -> None:
    """Refuse tensors that are not those of stacked networks; see `check_regressor`."""
    layers = sum(name.startswith("weight.") for name in tensors)
    if not 1 <= layers <= MOST_LAYERS:
        raise DamagedFileError(f"The networks have {layers} layers; accepted: 1 to {MOST_LAYERS}.")
    members, _, _ = _measure(tensors, "weight.0", 3)
    widths = [sizes.dimensions, *(_measure(tensors, f"weight.{layer}", 3)[2] for layer in range(layers))]
    if members < 1 or widths[-1] != sizes.components:
        raise DamagedFileError(f"The networks answer for {widths[-1]} components; the metrics need {sizes.components}.")
    wanted: dict[str, tuple[int, ...]] = {"noise": (members, sizes.components)}
    for layer in range(layers):
        wanted[f"weight.{layer}"] = (members, widths[layer], widths[layer + 1])
        wanted[f"bias.{layer}"] = (members, 1, widths[layer + 1])
    _compare(tensors, wanted, torch.float32)
    _bound(tensors, "noise", 0.0, None)


def check_trees(tensors: Mapping[str, Tensor], sizes: Sizes) -> None:
    """Refuse tensors that are not those of boosted trees; see `check_regressor`."""
    trees, nodes = _measure(tensors, "feature", 2)
    table, whole = (trees, nodes), ("feature", "left", "right", "component", "depth")
    _compare(
        {name: tensor for name, tensor in tensors.items() if name in whole},
        {"feature": table, "left": table, "right": table, "component": (trees,), "depth": ()},
        torch.int64,
    )
    _compare(
        {name: tensor for name, tensor in tensors.items() if name not in whole},
        {"threshold": table, "value": table, "noise": (sizes.components,)},
        torch.float64,
    )
    _bound(tensors, "feature", 0, sizes.dimensions - 1)
    _bound(tensors, "component", 0, sizes.components - 1)
    _bound(tensors, "depth", 0, nodes)
    _bound(tensors, "noise", 0.0, None)
    here = torch.arange(nodes)
    for side in ("left", "right"):
        _bound(tensors, side, 0, nodes - 1)
        # Nodes are numbered from the root, and a leaf leads to itself: no way leads back.
        if bool((tensors[side] < torch.where(tensors["left"] == tensors["right"], 0, here + 1)).any()):
            raise DamagedFileError(f"A node of the trees leads back, by `{side}`.")


def check_ridge(tensors: Mapping[str, Tensor], sizes: Sizes, dtype: torch.dtype = torch.float64) -> None:
    """Refuse tensors that are not those of a ridge regression; see `check_regressor`."""
    terms = sizes.dimensions + sizes.dimensions * (sizes.dimensions + 1) // 2
    wanted = {
        "weights": (terms, sizes.components), "centre": (terms,), "spread": (terms,), "offset": (sizes.components,),
        "noise": (sizes.components,),
    }  # fmt: skip
    _compare(tensors, wanted, dtype)
    _bound(tensors, "spread", 1e-30, None)
    _bound(tensors, "noise", 0.0, None)


def check_shared(tensors: Mapping[str, Tensor], sizes: Sizes, metrics: int, groups: int) -> None:
    """Refuse tensors that are not those of a calibration and a domain.

    Args:
        tensors: `scores` and `group_of` of the calibration, `rows` of the domain.
        sizes: of the surrogate.
        metrics: how many it answers for.
        groups: how many groups are calibrated.

    Raises:
        DamagedFileError: with what is wrong.
    """
    rows = _measure(tensors, "scores", 2)[0]
    _compare({"scores": tensors["scores"]}, {"scores": (rows, metrics)}, torch.float64)
    _compare(_pick(tensors, "group_of"), {"group_of": (rows,)}, torch.int64)
    near = _measure(tensors, "rows", 2)[0]
    _compare(_pick(tensors, "rows"), {"rows": (near, sizes.dimensions)}, torch.float32)
    if not rows or not near:
        raise DamagedFileError("The surrogate's calibration or its domain has no rows.")
    _bound(tensors, "scores", 0.0, None)
    _bound(tensors, "group_of", 0, groups - 1)


def check_head(tensors: Mapping[str, Tensor]) -> None:
    """Refuse tensors that are not the `mean`, `shapes` and `scales` of an hourly head.

    Raises:
        DamagedFileError: with what is wrong.
    """
    shapes, hours = _measure(tensors, "shapes", 2)
    series = {name: tensor for name, tensor in tensors.items() if name != "scales"}
    _compare(series, {"mean": (hours,), "shapes": (shapes, hours)}, torch.float32)
    _compare(_pick(tensors, "scales"), {"scales": (shapes,)}, torch.float64)
    _bound(tensors, "scales", 0.0, None)


def _pick(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    return {name: tensors[name]} if name in tensors else {}


def _measure(tensors: Mapping[str, Tensor], name: str, dimensions: int) -> tuple[int, ...]:
    if name not in tensors:
        raise DamagedFileError(f"The tensor `{name}` is missing.")
    shape = tuple(tensors[name].shape)
    if len(shape) != dimensions:
        raise DamagedFileError(f"The tensor `{name}` has the shape {list(shape)}; it should have {dimensions} sizes.")
    return shape


def _compare(tensors: Mapping[str, Tensor], wanted: Mapping[str, tuple[int, ...]], dtype: torch.dtype) -> None:
    if strange := sorted(tensors.keys() ^ wanted.keys()):
        raise DamagedFileError(f"These tensors are missing, or there is no place for them: {', '.join(strange)[:200]}.")
    for name, shape in wanted.items():
        found = tensors[name]
        if tuple(found.shape) != shape or found.dtype != dtype:
            raise DamagedFileError(
                f"The tensor `{name}` is {found.dtype} of the shape {list(found.shape)};"
                f" with what else is in the file it should be {dtype} of {list(shape)}."
            )


def _bound(tensors: Mapping[str, Tensor], name: str, low: float, high: float | None) -> None:
    values = tensors[name]
    if values.numel() and (float(values.min()) < low or (high is not None and float(values.max()) > high)):
        raise DamagedFileError(f"The tensor `{name}` holds numbers outside of {low:g} to {high}, which cannot be.")
