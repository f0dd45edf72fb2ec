"""Time series through HTTP, workers and shards equal, to the last digit, the bare engine's on the same models."""

import csv
import io
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from casefarm import Client
from energyplus.bundled import list_bundled_weather
from tests.farm import Farm
from tests.integration.test_exactness import BARE_RUN

pytestmark = [pytest.mark.stack, pytest.mark.engine]

METER, VARIABLE, UNKNOWN = "Electricity:Facility", "Zone Mean Air Temperature", "Zone Mean Air Temprature"
STUDY = {
    "name": "Two small offices by the hour",
    "model": "small_office",
    "weather": "chicago",
    "run_period": {"start": "07-01", "end": "07-02"},
    "parameters": [
        {
            "name": "lighting_w_m2",
            "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
            "values": [6.5, 9.0],
        }
    ],
    "outputs": [
        {"meter": METER, "frequency": "hourly"},
        {"variable": VARIABLE, "frequency": "monthly"},
        {"variable": UNKNOWN, "frequency": "daily"},
    ],
}
HOURS = [f"2017-07-0{day + hour // 24} {hour % 24:02}:00:00" for day in (1, 2) for hour in range(1, 25)]


@pytest.fixture(scope="module")
def batch(farm: Farm) -> dict:
    """The finished batch."""
    shown = farm.wait_for_end(farm.submit(STUDY)["id"])
    assert (shown["state"], shown["counts"]["succeeded"]) == ("completed", 2)
    return shown


def fetch(farm: Farm, batch: dict, form: str, **choice: object) -> bytes:
    address = f"/api/batches/{batch['id']}/timeseries/"
    return farm.http.get(address, params={"as": form, **choice}).raise_for_status().content


def run_bare(farm: Farm, batch: dict, case: int, folder: Path) -> dict[str, list[tuple[str, float]]]:
    """Run a case's model with the bare engine; the columns of the CSV file that the engine itself writes."""
    text = farm.http.get(f"/api/batches/{batch['id']}/cases/{case}/files/model.idf").raise_for_status().text
    (folder / "in.idf").write_text(re.sub(r"No( *, *!- Output (?:CSV|ESO))", r"Yes\1", text))
    weather = next(file.path for file in list_bundled_weather() if file.alias == "chicago")
    command = [sys.executable, "-c", BARE_RUN, str(folder / "in.idf"), str(weather), str(folder)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with (folder / "eplusout.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        for name, value in row.items():
            if value.strip():
                columns[name.strip()].append((row["Date/Time"].strip(), float(value))) if name != "Date/Time" else None
    return columns


@pytest.mark.parametrize("case", [0, 1])
def test_every_value_equals_the_bare_engines_own_to_the_last_digit(
    farm: Farm, batch: dict, case: int, tmp_path: Path
) -> None:
    bare = run_bare(farm, batch, case, tmp_path)
    series = pq.read_table(io.BytesIO(fetch(farm, batch, "parquet", case=case))).to_pandas()
    meter = series[series["name"] == METER]
    assert meter["value"].tolist() == [value for _, value in bare[f"{METER} [J](Hourly)"]]
    assert meter["interval_end_local"].astype(str).tolist() == HOURS
    assert (meter["interval_end"].dt.tz_localize(None) - meter["interval_end_local"]).unique().tolist() == [
        pd.Timedelta(hours=6)
    ]
    zones = series[series["name"] == VARIABLE]
    monthly = {name.split(":")[0]: values for name, values in bare.items() if name.endswith(f"{VARIABLE} [C](Monthly)")}
    assert dict(zip(zones["key"], zones["value"], strict=True)) == {zone: rows[0][1] for zone, rows in monthly.items()}
    assert len(monthly) == 6
    assert set(zones["interval_end_local"].astype(str)) == {"2017-07-03"}


def test_the_cases_differ_and_the_forms_do_not(farm: Farm, batch: dict) -> None:
    table = pq.read_table(io.BytesIO(fetch(farm, batch, "parquet")))
    assert table.num_rows == 2 * (48 + 6)
    first, second = (table.filter(pyarrow.compute.field("case") == case)["value"].to_pylist() for case in (0, 1))
    assert first != second
    assert pyarrow.ipc.open_stream(fetch(farm, batch, "arrow")).read_all().to_pylist() == table.to_pylist()
    lines = list(csv.DictReader(io.StringIO(fetch(farm, batch, "csv").decode())))
    assert [float(line["value"]) for line in lines] == table["value"].to_pylist()


def test_the_result_table_is_as_it_is_without_series(farm: Farm, batch: dict) -> None:
    plain = farm.wait_for_end(farm.submit({**STUDY, "name": "Without series", "outputs": []})["id"])
    # a name that the engine does not know is a warning; the rest is the clock
    of_the_run = {"simulation_s": None, "warnings": None}
    with_series, without = ([{**row, **of_the_run} for row in farm.rows(found["id"])] for found in (batch, plain))
    assert with_series == without
    refusal = farm.http.get(f"/api/batches/{plain['id']}/timeseries/")
    assert (refusal.status_code, "asks for no time series" in refusal.text) == (404, True)


def test_an_output_that_the_engine_did_not_report_is_told_on_each_case(farm: Farm, batch: dict) -> None:
    for case in farm.http.get(f"/api/batches/{batch['id']}/cases/").raise_for_status().json()["results"]:
        assert case["verdict"] == "valid"
        (reason,) = case["reasons"]
        assert reason.startswith(f"asked-for output {UNKNOWN} (daily) was not reported: ")


def test_a_known_case_brings_its_series_along(farm: Farm, batch: dict) -> None:
    again = farm.wait_for_end(farm.submit({**STUDY, "name": "The same again"})["id"])
    cases = farm.http.get(f"/api/batches/{again['id']}/cases/").raise_for_status().json()["results"]
    assert [(case["state"], len(case["reasons"])) for case in cases] == [("succeeded", 1)] * 2
    first, second = (pq.read_table(io.BytesIO(fetch(farm, found, "parquet"))) for found in (batch, again))
    assert second.equals(first)


def test_the_client_gives_a_data_frame(farm: Farm, batch: dict) -> None:
    with Client(farm.url, (farm.home / "token").read_text().strip()) as client:
        frame = client.batch(batch["id"]).timeseries(name=METER, case=1)
    assert frame["value"].sum() == pytest.approx(farm.rows(batch["id"])[1]["electricity_kwh"] * 3.6e6, rel=1e-12)


def test_the_preview_tells_how_many_values_a_case_will_report(farm: Farm) -> None:
    preview = farm.http.post("/api/batches/preview/", json=STUDY).raise_for_status().json()
    assert preview["series_values_per_case"] == 2 * 24 + 5 * 1 + 5 * 2 + 3
