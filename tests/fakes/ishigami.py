"""A simulation program whose sensitivity is known by heart: Ishigami and Homma's function (1990) of three angles.

ishigami.py INPUT OUTPUT. INPUT is JSON: `x1`, `x2`, `x3`, in rad. OUTPUT gets a JSON object.
"""

import json
import math
import sys
from pathlib import Path

A, B = 7.0, 0.1


def compute(x1: float, x2: float, x3: float) -> float:
    return math.sin(x1) + A * math.sin(x2) ** 2 + B * x3**4 * math.sin(x1)


def main(input_path: str, output_path: str) -> int:
    given = json.loads(Path(input_path).read_text())
    Path(output_path).write_text(json.dumps({"height_m": compute(given["x1"], given["x2"], given["x3"])}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
