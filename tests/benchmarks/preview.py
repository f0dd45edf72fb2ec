"""What the preview of a study takes, by design and size: the service's own code in one process, in processor time.

Each study is previewed once to have its models read, then `REPEATS` times: the median, and the parts of one more.
Runs on a database of its own: `python -m casefarm.local.services -- python tests/benchmarks/preview.py`.
"""

import os
import statistics
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from io import StringIO
from time import process_time
from typing import Any
from unittest.mock import patch

import django

REPEATS = 7
PARTS = ("examine", "count_known_cases", "preview_case", "touched_targets", "list_idle_parameters", "count_duplicates")
LIGHTS = {"class": "Lights", "object": "*", "field": "Watts per Floor Area"}
PARAMETERS = [
    {"name": "lighting", "target": LIGHTS, "change": "scale", "uniform": [0.5, 1.5]},
    {"name": "wwr", "measure": "window_to_wall_ratio", "arguments": {"facade": "all"}, "uniform": [0.1, 0.6]},
    {"name": "north_deg", "measure": "rotate", "uniform": [0, 90]},
]
DESIGNS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("lhs", ["warehouse"], {"method": "lhs", "samples": 10}),
    ("sobol", ["warehouse"], {"method": "sobol", "samples": 1_000}),
    ("sobol", ["small_office", "strip_mall"], {"method": "sobol", "samples": 1_000}),
    ("sobol", ["warehouse"], {"method": "sobol", "samples": 999_000}),
    ("lhs", ["warehouse"], {"method": "lhs", "samples": 999_000}),
    ("random", ["warehouse"], {"method": "random", "samples": 999_000}),
    ("grid", ["warehouse"], {"method": "grid", "levels": 99}),
    ("saltelli", ["warehouse"], {"method": "saltelli", "samples": 131_072}),
]


def prepare() -> Any:
    """Make the tables, load the library, have a known case; return a user."""
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from batches.models import KnownCase

    call_command("migrate", verbosity=0)
    call_command("load_bundled_library", stdout=StringIO())
    KnownCase.objects.create(key="0" * 64, holder=uuid.uuid4(), outcome={})  # or nobody would look for any
    return User.objects.create_user("bench")


def make_study(models: list[str], design: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a study of these models."""
    name = f"{design['method']} of {', '.join(models)}"
    return {"name": name, "model": models, "weather": "chicago", "parameters": PARAMETERS, "design": design, **more}


@contextmanager
def count_time(parts: dict[str, float]) -> Iterator[None]:
    """Add the seconds that the parts of a preview take to `parts`."""
    from batches.previews import preview

    def watch(name: str) -> Any:
        function = getattr(preview, name)

        @wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            started = process_time()
            try:
                return function(*args, **options)
            finally:
                parts[name] = parts.get(name, 0.0) + process_time() - started

        return patch.object(preview, name, timed)

    watched = [watch(name) for name in PARTS]
    for each in watched:
        each.start()
    try:
        yield
    finally:
        for each in watched:
            each.stop()


def measure(user: Any, study: dict[str, Any]) -> tuple[int, float, dict[str, float]]:
    """Return the cases of a study, the median processor time of its preview in s, and what its parts took in one."""
    from batches.previews.preview import count_cases, preview_batch

    times, parts = [], dict[str, float]()
    preview = preview_batch(user=user, document=study)
    for _ in range(REPEATS):
        started = process_time()
        preview_batch(user=user, document=study)
        times.append(process_time() - started)
    with count_time(parts):
        preview_batch(user=user, document=study)
    return count_cases(preview.examined), statistics.median(times), parts


def main() -> None:
    """Print a row for each study: cases, median and parts in ms."""
    with tempfile.TemporaryDirectory(prefix="preview-") as home:
        os.environ |= {"CASEFARM_FILES": f"{home}/files", "CASEFARM_SCRATCH": f"{home}/scratch"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        user = prepare()
        print("| study | cases | preview (CPU ms) |", " | ".join(part.replace("_", " ") for part in PARTS), "|")
        print("|---|--:|--:|" + "--:|" * len(PARTS))
        constrained = make_study(["warehouse"], DESIGNS[3][2], constraints=["lighting + wwr <= 1.5"])
        studies = [make_study(models, design) for _, models, design in DESIGNS] + [constrained]
        for study in studies:
            cases, median_s, parts = measure(user, study)
            name = study["name"] + (" with a constraint" if "constraints" in study else "")
            cells = [f"{parts.get(part, 0.0) * 1000:.0f}" for part in PARTS]
            print(f"| {name} | {cases:,} | **{median_s * 1000:.0f}** | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
