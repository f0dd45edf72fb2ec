"""A small simulation program that is not EnergyPlus: heating energy out of the degree days of a weather file.

degree_days.py INPUT WEATHER OUTPUT. INPUT is JSON: `heat_loss_w_k`, `base_c`, `efficiency`, `fuel`. OUTPUT gets a JSON
object, or CSV where its name ends so.
"""

import csv
import json
import sys
from pathlib import Path


def main(input_path: str, weather_path: str, output_path: str) -> int:
    given = json.loads(Path(input_path).read_text())
    if given["efficiency"] <= 0:
        sys.stderr.write("The efficiency of a boiler is above 0.")
        return 3
    rows = list(csv.reader(Path(weather_path).read_text(encoding="latin-1").splitlines()))[8:]
    kelvin_hours = sum(max(0.0, given["base_c"] - float(row[6])) for row in rows)
    found = {
        "heating_kwh": given["heat_loss_w_k"] * kelvin_hours / 1000 / given["efficiency"],
        "degree_days_k_d": kelvin_hours / 24,
    }
    if given["fuel"] == "oil":
        found["oil_l"] = found["heating_kwh"] / 10
    if output_path.endswith(".csv"):
        Path(output_path).write_text(",".join(found) + "\n" + ",".join(map(repr, found.values())) + "\n")
    else:
        Path(output_path).write_text(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
