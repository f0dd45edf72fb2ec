"""A program that does nothing, declared as a simulation program, and studies of it: what is left is the farm."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

SOURCE = """
#include <stdio.h>
int main(int count, char **given) {
    FILE *output = fopen(given[1], "w");
    if (!output) return 1;
    fputs("{\\"nothing_1\\": 0}", output);
    return fclose(output);
}
"""


def declare_nothing(folder: Path) -> Path:
    """Compile the program and declare it; return the declaration's path."""
    folder.mkdir(parents=True)
    source, program = folder / "nothing.c", folder / "nothing"
    source.write_text(SOURCE)
    subprocess.run(["cc", "-O2", "-static", "-o", str(program), str(source)], check=True)
    (folder / "input.json").write_text('{"x": {{x}}}\n')
    declared = {
        "name": "nothing",
        "label": "Nothing",
        "command": [str(program), "{output}"],
        "template": "input.json",
        "input": "input.json",
        "output": "metrics.json",
        "metrics": {"nothing_1": {"unit": "1"}},
        "parameters": {"x": {"unit": "1"}},
        "timeout_s": 60,
    }
    path = folder / "programs.yaml"
    path.write_text(yaml.safe_dump({"programs": [declared]}, sort_keys=False))
    return path


def study_of_nothing(cases: int, lowest: float) -> dict[str, Any]:
    """Return a study with so many cases; none of them is known where `lowest` has not been used before."""
    return {
        "name": f"{cases} times nothing",
        "engine": "executable:nothing",
        "parameters": [{"name": "x", "uniform": [lowest, lowest + 0.5]}],
        "design": {"method": "sobol", "samples": cases, "seed": 1},
    }
