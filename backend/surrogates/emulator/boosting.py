"""Gradient-boosted trees: the second gate. LightGBM grows them; as plain tensors they are kept and answered from.

No model file of LightGBM's is ever read back: what a user uploads is numbers in tensors, checked on reading.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

ROUNDS = 200
SETTINGS = {
    "objective": "regression",
    "learning_rate": 0.1,
    "num_leaves": 6,  # loads are sums of what few inputs do together: small trees predict them better than large ones
    "min_data_in_leaf": 3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass
class BoostedTrees:
    """Trees of all components as tensors: a node sends a row left where its feature is at most the threshold.

    Attributes:
        feature: (trees, nodes), int64: which feature a node asks for; a leaf asks for none, and leads to itself.
        threshold: (trees, nodes), float64.
        left: (trees, nodes), int64: the next node.
        right: (trees, nodes), int64.
        value: (trees, nodes), float64: what a leaf adds.
        component: (trees,), int64: whose tree it is.
        noise: (components,), float64: variance of the residuals.
        depth: (), int64: the longest way from a root to a leaf.
    """

    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    value: Tensor
    component: Tensor
    noise: Tensor
    depth: Tensor

    def predict(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance at points, both (points, components), in the dtype of `features`."""
        exact = features.double()
        trees = torch.arange(len(self.feature), device=features.device)[:, None]
        node = torch.zeros(len(self.feature), len(features), dtype=torch.int64, device=features.device)
        rows = torch.arange(len(features), device=features.device)
        for _ in range(int(self.depth)):
            goes_left = exact[rows, self.feature[trees, node]] <= self.threshold[trees, node]
            node = torch.where(goes_left, self.left[trees, node], self.right[trees, node])
        added = self.value[trees, node]
        mean = torch.zeros(len(self.noise), len(features), dtype=torch.float64, device=features.device)
        mean.index_add_(0, self.component, added)
        return mean.T.to(features.dtype), self.noise.to(features.dtype).expand(len(features), -1)

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name; `from_tensors` reads them back."""
        return dict(vars(self))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "BoostedTrees":
        """Return trees of tensors by name.

        Raises:
            ValueError: a node leads to one, or asks for a feature, that there cannot be.
        """
        trees = cls(**{name: tensors[name] for name in cls.__dataclass_fields__})
        nodes = trees.feature.shape[1]
        for name in ("left", "right"):
            places = tensors[name]
            if places.numel() and not (int(places.min()) >= 0 and int(places.max()) < nodes):
                raise ValueError(f"`{name}` leads out of its tree.")
        if trees.component.numel() and not (
            int(trees.component.min()) >= 0 and int(trees.component.max()) < len(trees.noise)
        ):
            raise ValueError("`component` names one that there is not.")
        return trees


def grow_trees(features: Tensor, targets: Tensor, *, seed: int, check: Callable[[], None], rounds: int) -> BoostedTrees:
    """Return boosted trees of every component.

    Args:
        features: (rows, dimensions), float64, standardised.
        targets: (rows, components), float64, standardised.
        seed: of LightGBM's random numbers.
        check: raises between two trees where training is to end.
        rounds: trees for each component.
    """
    import lightgbm

    grown: list[tuple[int, list[dict[str, Any]]]] = []
    noise = []
    inputs = features.cpu().numpy()
    for component in range(targets.shape[1]):
        wanted = targets[:, component].cpu().numpy()
        data = lightgbm.Dataset(inputs, wanted, params={"verbosity": -1})
        settings = {**SETTINGS, "seed": seed, "num_threads": torch.get_num_threads()}
        booster = lightgbm.train(settings, data, rounds, callbacks=[lambda _: check()])
        noise.append(float(np.square(np.asarray(booster.predict(inputs)) - wanted).mean()))
        grown += [(component, list_nodes(tree["tree_structure"])) for tree in booster.dump_model()["tree_info"]]
    return _stack(grown, noise)


def list_nodes(root: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the nodes of a tree as LightGBM describes it, numbered from the root, with their depth."""
    nodes: list[dict[str, Any]] = []
    waiting: list[tuple[dict[str, Any], int | None, str, int]] = [(root, None, "", 0)]
    while waiting:
        told, parent, side, depth = waiting.pop()
        here = {"depth": depth, "left": len(nodes), "right": len(nodes), "feature": 0, "threshold": 0.0, "value": 0.0}
        if parent is not None:
            nodes[parent][side] = len(nodes)
        if "split_feature" in told:
            here |= {"feature": told["split_feature"], "threshold": told["threshold"]}
            waiting += [(told["right_child"], len(nodes), "right", depth + 1)]
            waiting += [(told["left_child"], len(nodes), "left", depth + 1)]
        else:
            here["value"] = told["leaf_value"]
        nodes.append(here)
    return nodes


def _stack(grown: list[tuple[int, list[dict[str, Any]]]], noise: list[float]) -> BoostedTrees:
    widest = max((len(nodes) for _, nodes in grown), default=1)

    def gather(name: str, dtype: torch.dtype) -> Tensor:
        table = torch.zeros(len(grown), widest, dtype=dtype)
        for row, (_, nodes) in enumerate(grown):
            table[row, : len(nodes)] = torch.tensor([node[name] for node in nodes], dtype=dtype)
        return table

    return BoostedTrees(
        feature=gather("feature", torch.int64),
        threshold=gather("threshold", torch.float64),
        left=gather("left", torch.int64),
        right=gather("right", torch.int64),
        value=gather("value", torch.float64),
        component=torch.tensor([component for component, _ in grown], dtype=torch.int64),
        noise=torch.tensor(noise, dtype=torch.float64),
        depth=torch.tensor(max((node["depth"] for _, nodes in grown for node in nodes), default=0)),
    )
