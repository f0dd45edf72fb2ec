"""Models that would harm the machine, or the reader, are refused at upload; files that models need travel with them."""

import json

import pytest

from tests.farm import Farm
from tests.fuzz.models import SHED, find_chicago

pytestmark = [pytest.mark.stack, pytest.mark.engine]

DANGERS = {
    "ExternalInterface:FunctionalMockupUnitImport": "ExternalInterface:FunctionalMockupUnitImport,a.fmu,,0;",
    "ExternalInterface": "eXTERNALiNTERFACE, PtolemyServer;",
    "PythonPlugin:Instance": "PythonPlugin:Instance,p,No,os,Plugin;",
    "Schedule:File": "Schedule:File,s,,/etc/hostname,1,0;",
    "Construction:WindowDataFile": "Construction:WindowDataFile,w,/etc/passwd;",
    "Table:Lookup": "Table:Lookup,t,,,,,,,../../secret,1;",
    "Chiller:Electric:ASHRAE205": "Chiller:Electric:ASHRAE205,c,a.cbor;",
    "GroundHeatExchanger:Vertical:Sizing:Rectangle": "GroundHeatExchanger:Vertical:Sizing:Rectangle,g;",
}
SCHEDULE = "Schedule:File,Crowd,Fraction,crowd.csv,1,0,8760,Comma,No,60;\n"
USED = SHED.read_text().replace("Lights,Hall lights,Hall,Work", SCHEDULE + "Lights,Hall lights,Hall,Crowd")


def upload(farm: Farm, name: str, content: bytes, **attachments: bytes) -> tuple[int, dict]:
    files = [("file", (name, content))]
    files += [("attachments", (f"{stem}.csv", data)) for stem, data in attachments.items()]
    answer = farm.http.post("/api/models/", files=files)
    return answer.status_code, answer.json()


def test_every_danger_of_a_model_is_told_at_once_and_nothing_is_stored(farm: Farm) -> None:
    before = farm.http.get("/api/models/", params={"bundled": "false"}).json()["results"]
    status, problem = upload(farm, "bad.idf", ("Version,25.2;\n" + "\n".join(DANGERS.values())).encode())
    assert status == 400
    messages = [error["message"] for error in problem["errors"]]
    assert len(messages) == len(DANGERS)
    assert all(message.startswith(f"bad.idf: {name}") for message, name in zip(messages, DANGERS, strict=True))
    assert all(error["accepted"] for error in problem["errors"])
    assert farm.http.get("/api/models/", params={"bundled": "false"}).json()["results"] == before


def test_a_danger_in_escaped_epjson_is_refused_as_well(farm: Farm) -> None:
    text = json.dumps({"Version": {"1": {"version_identifier": "25.2"}}, "PythonPlugin:Instance": {"p": {}}})
    status, problem = upload(farm, "bad.epJSON", text.replace("P", "\\u0050").encode())
    assert status == 400
    assert problem["errors"][0]["message"].startswith("bad.epJSON: PythonPlugin:Instance 'p'")


@pytest.mark.parametrize(
    "content",
    [b"Version,25.2;\na," + b"x" * 40, b'{"a":' * 100_000, b"Version,25.2;\nZone," + b"," * 5_000_000, b"\0" * 1000],
    ids=["56 bytes", "JSON in JSON", "fields", "NUL"],
)
def test_a_file_made_to_break_a_parser_is_refused_and_the_service_goes_on(farm: Farm, content: bytes) -> None:
    assert upload(farm, "bomb.idf", content)[0] == 400
    assert farm.http.get("/api/models/").status_code == 200


def test_a_model_runs_with_the_file_that_came_with_it(farm: Farm) -> None:
    assert upload(farm, "shed.idf", USED.encode())[0] == 400
    ids = []
    for crowd in (b"0\n", b"0.5\n"):
        status, model = upload(farm, "shed.idf", USED.encode(), crowd=crowd * 8760)
        assert status == 201, model
        ids.append(model["id"])
    study = {
        "name": "Crowds",
        "model": ids,
        "weather": "chicago",
        "run_period": {"start": "07-01", "end": "07-01"},
        "parameters": [{"name": "light", "target": {"class": "Lights", "object": "*", "field": "Watts per Floor Area"},
                        "values": [8.5]}],
        "design": {"method": "grid"},
    }  # fmt: skip
    batch = farm.submit(study)
    assert farm.wait_for_end(batch["id"])["state"] == "completed"
    found = [row["interior_lighting_kwh"] for row in farm.rows(batch["id"])]
    assert found == [0, pytest.approx(10.2)]


def test_older_clients_send_the_files_along_too(farm: Farm) -> None:
    weather = find_chicago()
    files = [
        ("idf_files", ("shed.idf", USED.encode())),
        ("attachments", ("crowd.csv", b"0.25\n" * 8760)),
        ("weather_file", (weather.name, weather.read_bytes())),
    ]
    study = json.dumps({"run_period": {"start": "07-01", "end": "07-01"}})
    refused = farm.http.post("/api/simulation/run/", files=[files[0], files[2]], data={"study": study})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (400, "idf_files")
    receipt = farm.http.post("/api/simulation/run/", files=files, data={"study": study})
    assert receipt.status_code == 202, receipt.text
    farm.wait_for_end(receipt.json()["simulation_id"])
    (row,) = farm.rows(receipt.json()["simulation_id"])
    assert (row["state"], row["interior_lighting_kwh"]) == ("succeeded", pytest.approx(5.1))
