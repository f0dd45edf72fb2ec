"""Surrogates on the yardstick: accuracy beside scikit-learn, LightGBM and a plain torch ensemble; rates of answering.

All kinds see the same folds. Rates are the best of some repetitions, each beside the rate of matrix products measured
in the same run. Rows that need a GPU say so where there is none. Run by `make bench-surrogates`.
"""

import argparse
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter, process_time

import numpy as np
import torch
from torch import Tensor

from surrogates.emulator.candidates import FOLDS
from surrogates.emulator.devices import Hardware, choose_hardware, has_native_bf16
from surrogates.emulator.ensemble import Networks
from surrogates.emulator.inference import PlacedNetworks
from surrogates.emulator.inputs import Inputs
from surrogates.emulator.training import Table, Wish, draw_folds, label_groups, train
from surrogates.emulator.watching import Watch
from tests.surrogates.yardstick import COOLING, ELECTRICITY, FANS, HEATING, METRICS, read_columns, read_yardstick

SHOWN = (ELECTRICITY, HEATING, COOLING, FANS)
RAW = (
    "wall_ins_t", "roof_ins_t", "lpd_mult", "epd_mult", "infil", "htg_off", "clg_off", "win_u", "shgc", "wwr", "north",
    "cop", "hdd18", "cdd18", "ghi", "dpmean",
)  # fmt: skip
WIDTHS, MEMBERS = (16, 256, 256, 8), 8
FLOP = 2 * MEMBERS * sum(a * b for a, b in pairwise(WIDTHS))  # for one prediction of the ensemble
BATCH = 131_072


def main() -> None:
    """Measure, and print what docs/reference/performance.md shows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", nargs="*", default=["accuracy", "rates", "gpu"])
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    if "accuracy" in asked.parts:
        compare_accuracy(asked.seeds)
    if "rates" in asked.parts:
        measure_rates(choose_hardware("cpu"))
    if "gpu" in asked.parts:
        measure_gpu()


def compare_accuracy(seeds: int) -> None:
    """Print CVRMSE, NMBE and coverage of every kind and of the three others, by five-fold cross-validation."""
    print("| model | CVRMSE % electricity / heating / cooling / fans | NMBE % | coverage of 90 % | processor time |")
    print("|---|---|---|---|---|")
    table, columns = read_yardstick()
    for kind in ("gp", "ensemble", "boosting", "ridge"):
        rows, spent = [], 0.0
        for seed in range(seeds):
            begun = process_time()
            report = train(table, columns, Wish(METRICS, kind=kind, seed=seed), choose_hardware("cpu"), Watch()).report
            spent += (process_time() - begun) / seeds
            found = {accuracy.metric: accuracy for accuracy in report.accuracy}
            rows.append([(found[name].cvrmse, found[name].nmbe, found[name].coverage) for name in SHOWN])
        print_row(f"Casefarm {kind} (whole training, with gates)", np.array(rows), spent)
    for name, fit in OTHERS.items():
        rows, begun = [], process_time()
        for seed in range(seeds):
            said = predict_folds(
                fit, table, draw_folds(label_groups(table, Inputs.fit(columns, table.columns))[0], seed)
            )
            actual = np.column_stack([table.metrics[metric] for metric in SHOWN])
            cvrmse = np.sqrt(np.square(said - actual).mean(0)) / actual.mean(0)
            nmbe = (said - actual).mean(0) / actual.mean(0)
            rows.append(np.column_stack([cvrmse, nmbe, np.full(len(SHOWN), np.nan)]))
        print_row(name, np.array(rows), (process_time() - begun) / seeds)
    print(
        f"\nMeans of {seeds} seeds; NMBE is the mean of its absolute values. Others learn raw inputs, metric by metric."
    )


def print_row(name: str, rows: np.ndarray, spent_s: float) -> None:
    """Print a row of the table: (seeds, metrics, 3)."""
    cvrmse, nmbe, coverage = (
        " / ".join("–" if np.isnan(value) else f"{100 * value:.1f}" for value in values)
        for values in (rows[:, :, 0].mean(0), np.abs(rows[:, :, 1]).mean(0), rows[:, :, 2].mean(0))
    )
    print(f"| {name} | {cvrmse} | {nmbe} | {coverage} | {spent_s:.1f} s |", flush=True)


Fit = Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]]


def predict_folds(fit: Fit, table: Table, folds: np.ndarray) -> np.ndarray:
    """Return what a model says of rows that it has not learnt from, (rows, shown metrics), in kWh."""
    columns = read_columns()
    raw = np.column_stack([columns[name] for name in RAW])
    said = np.empty((len(raw), len(SHOWN)))
    for fold in range(FOLDS):
        held = folds == fold
        mean, spread = raw[~held].mean(0), raw[~held].std(0)
        for place, metric in enumerate(SHOWN):
            wanted = table.metrics[metric][~held]
            learnt = (wanted - wanted.mean()) / wanted.std()
            answer = fit((raw[~held] - mean) / spread, learnt)
            said[held, place] = answer((raw[held] - mean) / spread) * wanted.std() + wanted.mean()
    return said


def fit_sklearn(features: np.ndarray, targets: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return a Gaussian process of scikit-learn's: ARD, noise, its own optimiser."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(1.0) * RBF(np.full(features.shape[1], 3.0), (1e-1, 1e4)) + WhiteKernel(1e-3, (1e-8, 1.0))
    process = GaussianProcessRegressor(kernel)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lengthscales at their bounds: inputs that do not matter
        process.fit(features, targets)
    return process.predict


def fit_lightgbm(features: np.ndarray, targets: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return LightGBM's trees as its own documentation sets them, but for leaves that fit so few rows."""
    import lightgbm

    settings = {"verbosity": -1, "min_data_in_leaf": 5, "num_leaves": 15, "learning_rate": 0.05, "num_threads": 1}
    return lightgbm.train(settings, lightgbm.Dataset(features, targets, params={"verbosity": -1}), 300).predict


def fit_plain_ensemble(features: np.ndarray, targets: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return eight networks of torch.nn's, trained one after the other on all rows."""
    inputs, wanted = torch.from_numpy(features).float(), torch.from_numpy(targets).float()[:, None]
    members = []
    for seed in range(MEMBERS):
        torch.manual_seed(seed)
        network = torch.nn.Sequential(
            torch.nn.Linear(inputs.shape[1], 256), torch.nn.ReLU(), torch.nn.Linear(256, 256), torch.nn.ReLU(),
            torch.nn.Linear(256, 1),
        )  # fmt: skip
        optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
        for _ in range(200):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(network(inputs), wanted).backward()
            optimiser.step()
        members.append(network.requires_grad_(requires_grad=False))
    return lambda given: torch.stack([m(torch.from_numpy(given).float()) for m in members]).mean(0)[:, 0].numpy()


OTHERS: dict[str, Fit] = {
    "scikit-learn GP (ARD), raw inputs": fit_sklearn,
    "LightGBM, raw inputs": fit_lightgbm,
    "plain torch ensemble 8 × MLP 256, raw inputs": fit_plain_ensemble,
}


def measure_rates(hardware: Hardware) -> None:
    """Print how fast an ensemble of 8 × MLP 16-256-256-8 answers, beside products of matrices and a plain bmm."""
    networks = Networks.start(MEMBERS, WIDTHS, torch.device("cpu"), torch.Generator().manual_seed(0))
    features = torch.randn(BATCH, WIDTHS[0])
    placed = PlacedNetworks.place(networks, hardware)
    chunks = torch.split(features, hardware.chunk_rows)
    peak = measure_products(hardware.fast, hardware.device)
    own = BATCH / take_best(lambda: [placed.predict(chunk) for chunk in chunks], 7)
    naive = BATCH / take_best(lambda: networks.run(features), 3)
    name = str(hardware.fast).removeprefix("torch.")
    print(f"\n{torch.get_num_threads()} threads; native bfloat16: {'yes' if has_native_bf16() else 'no'}")
    print("| mean and variance of the ensemble, 131,072 rows | predictions/s | of the measured peak |\n|---|---|---|")
    print(f"| products of 1,024² matrices, {name} | – | {peak / 1e9:,.0f} GFLOP/s |")
    print(f"| Casefarm, {name}, chunks of {hardware.chunk_rows:,} | {own:,.0f} | {own * FLOP / peak:.0%} |")
    print(f"| one bmm for all rows, float32 | {naive:,.0f} | Casefarm is {own / naive:.1f} × as fast |")


def measure_products(dtype: torch.dtype, device: torch.device) -> float:
    """Return floating-point operations a second of the products of large matrices."""
    left, right = (torch.randn(size, 1024, device=device).to(dtype) for size in (4096, 1024))
    return 2 * 4096 * 1024 * 1024 / take_best(lambda: left @ right, 12)


def take_best(work: Callable[[], object], times: int) -> float:
    """Return the least seconds of some repetitions."""
    spent = []
    for _ in range(times + 1):
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        begun = perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        spent.append(perf_counter() - begun)
    return min(spent[1:])


def measure_gpu() -> None:
    """Print the rows that need a GPU: ten million predictions, and eight members against one in training."""
    print("\n| GPU | |\n|---|---|")
    if not torch.cuda.is_available():
        print("| 10 M predictions with mean and interval, of the measured peak | no GPU here |")
        print("| training of 8 members against 1 | no GPU here |")
        return
    hardware = choose_hardware("cuda")
    networks = Networks.start(MEMBERS, WIDTHS, hardware.device, torch.Generator().manual_seed(0))
    placed, features = PlacedNetworks.place(networks, hardware), torch.randn(BATCH, WIDTHS[0], device="cuda")
    rounds = 10_000_000 // BATCH + 1
    rate = rounds * BATCH / take_best(lambda: [placed.predict(features) for _ in range(rounds)], 3)
    peak = measure_products(hardware.fast, hardware.device)
    print(f"| 10 M predictions with mean and interval | {rate:,.0f}/s, {rate * FLOP / peak:.0%} of the measured peak |")
    one, all_of_them = (time_training(members, hardware) for members in (1, MEMBERS))
    print(f"| training of 8 members against 1 | {all_of_them / one:.2f} × |")


def time_training(members: int, hardware: Hardware) -> float:
    """Return the seconds of a training of some members."""
    from surrogates.emulator.ensemble import Lessons, Schooling
    from surrogates.emulator.ensemble import train as train_networks

    generator = torch.Generator().manual_seed(0)

    def make(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(hardware.device)

    seen = torch.ones(members, 1024, dtype=torch.bool, device=hardware.device)
    lessons, brief = Lessons(make(1024, 16), make(1024, 8), seen), Schooling(epochs=50)
    return take_best(lambda: train_networks(lessons, hardware, generator, Watch(), brief), 3)


if __name__ == "__main__":
    main()
