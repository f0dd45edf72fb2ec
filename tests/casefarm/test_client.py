"""The client against a small HTTP server of the standard library that answers as the service does."""

import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest
from typer.testing import CliRunner

from casefarm import Client, ServiceRefused, ServiceUnreachable
from casefarm.cli import app
from casefarm.errors import CasefarmError

BATCH = {
    "id": "b1",
    "name": "A study",
    "state": "completed",
    "counts": {"succeeded": 2, "failed": 0},
    "verdicts": {"valid": 1, "suspect": 1, "failed": 0},
    "progress": {"finished": 2, "total": 2, "percent": 100.0},
    "eta_s": None,
    "error": None,
    "findings": [{"kind": "no_effect", "parameter": "roof_m", "message": "'roof_m' had no effect."}],
    "created_at": "2026-11-21T05:40:00Z",
}
TABLE = pd.DataFrame(
    {"case": [0, 1], "state": "succeeded", "verdict": ["valid", "suspect"], "heating_kwh": [1.25, None]}
)
COLUMNS = [
    {"name": "case", "label": "case", "unit": None, "kind": "key"},
    {"name": "state", "label": "state", "unit": None, "kind": "key"},
    {"name": "verdict", "label": "verdict", "unit": None, "kind": "key"},
    {"name": "heating_kwh", "label": "heating", "unit": "kWh", "kind": "metric"},
]
QUOTA = [
    {"name": "cases_in_flight", "used": 1250, "limit": 5000, "unit": "cases"},
    {"name": "stored_files", "used": 2_500_000, "limit": None, "unit": "bytes"},
    {"name": "uploads", "used": 0, "limit": 200_000_000, "unit": "bytes"},
]
PROBLEM = {
    "title": "Invalid study",
    "detail": "The study has 2 mistakes.",
    "errors": [
        {
            "path": "weather",
            "message": "There is no such weather.",
            "found": "chicagoo",
            "accepted": ["chicago", "miami"],
        },
        {"path": "model", "message": "A model is required.", "found": None, "accepted": None},
    ],
}


def table_as_parquet():
    body = io.BytesIO()
    TABLE.to_parquet(body)
    return body.getvalue()


class Service(ThreadingHTTPServer):
    """Answers with what `answers` holds for a method and path, keeps what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []
        self.answers = {
            ("POST", "/api/batches/"): (202, {"id": "b1"}),
            ("GET", "/api/batches/b1/"): (200, BATCH),
            ("POST", "/api/batches/b1/retry/"): (202, {"retried": 1, "batch": {**BATCH, "state": "running"}}),
            ("POST", "/api/batches/b1/cancel/"): (200, {**BATCH, "state": "cancelled"}),
            ("POST", "/api/batches/b1/cases/-1/cancel/"): (200, {"index": -1, "state": "cancelled"}),
            ("GET", "/api/quota/"): (200, QUOTA),
            ("GET", "/api/batches/b1/columns/"): (200, COLUMNS),
            ("GET", "/api/batches/b1/results/?as=parquet"): (200, table_as_parquet()),
            ("GET", "/api/batches/b1/results/?as=csv"): (200, b"case,heating_kwh\n0,1.25\n"),
            ("GET", "/api/batches/b1/timeseries/?as=parquet&name=Heating%3ANaturalGas&case=1"): (
                200,
                table_as_parquet(),
            ),
            ("GET", "/api/batches/b1/timeseries/?as=csv"): (200, b"case,value\n0,1.5\n"),
            ("GET", "/api/batches/b1/archive/"): (200, b"PK all"),
            ("GET", "/api/batches/b1/archive/?files=a.err%2Cb.htm&cases=-1%2C0-9&state=failed"): (200, b"PK some"),
            ("GET", "/api/batches/"): (200, {"results": [BATCH], "next": f"{self.url}/api/batches/?cursor=2"}),
            ("GET", "/api/batches/?cursor=2"): (200, {"results": [{**BATCH, "id": "b0"}], "next": None}),
            ("POST", "/api/models/"): (201, {"id": "m1"}),
        }

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, self.headers["Authorization"], body))
        status, answer = self.server.answers.get((self.command, self.path), (404, {"detail": "Not found."}))
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Nothing is logged."""


@contextmanager
def serve():
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@pytest.fixture
def service(monkeypatch):
    with serve() as running:
        monkeypatch.setenv("CASEFARM_URL", running.url)
        monkeypatch.setenv("CASEFARM_TOKEN", "a-token")
        yield running


def test_a_study_becomes_a_data_frame_in_one_line(service):
    results = Client().submit({"name": "A study"}).wait(progress=False).results()

    assert results["heating_kwh"].tolist()[0] == 1.25
    assert results["heating_kwh"].isna().tolist() == [False, True]
    assert service.asked[0][2] == "Token a-token"
    assert json.loads(service.asked[0][3]) == {"name": "A study"}


def test_a_local_model_is_uploaded_and_named_by_its_id(service, tmp_path):
    model = tmp_path / "tower.idf"
    model.write_text("Version, 25.2;")
    (tmp_path / "study.yaml").write_text("name: A study\nmodel: tower.idf\n")

    Client().submit(tmp_path / "study.yaml")

    assert [path for _, path, _, _ in service.asked] == ["/api/models/", "/api/batches/"]
    assert b"Version, 25.2;" in service.asked[0][3]
    assert json.loads(service.asked[1][3])["model"] == "m1"


def test_a_local_model_takes_the_files_along_that_it_refers_to(service, tmp_path):
    model = tmp_path / "tower.epJSON"
    schedule = {"file_name": "people.csv", "column_number": 1, "rows_to_skip_at_top": 0}
    elsewhere = {"file_name": "../secret.csv"}
    model.write_text(
        json.dumps(
            {
                "Version": {"1": {"version_identifier": "25.2"}},
                "Schedule:File": {"a": schedule, "b": {"file_name": "gone.csv"}, "c": elsewhere},
            }
        )
    )
    (tmp_path / "people.csv").write_text("canary of people")
    (tmp_path.parent / "secret.csv").write_text("canary of a secret")

    Client().upload("model", model)

    form = service.asked[0][3]
    assert b'name="file"; filename="tower.epJSON"' in form
    assert b'name="attachments"; filename="people.csv"' in form
    assert b"canary of people" in form
    assert b"canary of a secret" not in form
    assert b'gone.csv"\r\n' not in form


def test_a_refused_study_says_every_mistake(service):
    service.answers["POST", "/api/batches/"] = (400, PROBLEM)

    with pytest.raises(ServiceRefused) as refusal:
        Client().submit({"name": "A study"})

    assert str(refusal.value).splitlines() == [
        "The study has 2 mistakes. (HTTP 400)",
        "  weather: There is no such weather. (found chicagoo; accepted chicago, miami)",
        "  model: A model is required.",
    ]
    assert refusal.value.status == 400
    assert len(refusal.value.entries) == 2


def test_an_answer_that_is_no_problem_document_is_still_told(service):
    service.answers["GET", "/api/batches/b1/"] = (502, b"<html>Bad gateway</html>")

    with pytest.raises(ServiceRefused, match=r"Bad Gateway \(HTTP 502\)"):
        Client().batch("b1").refresh()


def test_a_service_that_is_not_there_is_named_with_what_to_do():
    client = Client("http://127.0.0.1:1", "a-token")

    with pytest.raises(ServiceUnreachable, match=r"nothing answers at http://127.0.0.1:1 .*casefarm up"):
        client.batches()


def test_batches_are_listed_over_pages_up_to_the_limit(service):
    assert [batch["id"] for batch in Client().batches()] == ["b1", "b0"]
    assert [batch["id"] for batch in Client().batches(limit=1)] == ["b1"]


def test_waiting_gives_up_after_its_time(service):
    service.answers["GET", "/api/batches/b1/"] = (200, {**BATCH, "state": "running"})

    with pytest.raises(TimeoutError, match="b1 was not finished after 0 s"):
        Client().batch("b1").wait(progress=False, timeout_s=0)


def test_the_command_submits_watches_and_prints_the_table(service, tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text("name: A study\n")

    outcome = CliRunner().invoke(app, ["submit", str(study), "--watch"])

    assert outcome.exit_code == 0
    assert "completed: 2 of 2 cases, 100 %, 1 suspect" in outcome.output
    assert "1.25" in outcome.output
    assert "kWh" in outcome.output


def test_the_command_fails_when_the_batch_did(service):
    service.answers["GET", "/api/batches/b1/"] = (200, {**BATCH, "state": "failed", "error": {"message": "all failed"}})

    outcome = CliRunner().invoke(app, ["watch", "b1"])

    assert outcome.exit_code == 1
    assert "all failed" in outcome.output


def test_the_command_cancels_lists_and_fetches(service, tmp_path):
    run = CliRunner().invoke
    out = tmp_path / "table.csv"

    assert "cancelled: 2 of 2 cases had finished" in run(app, ["cancel", "b1"]).output
    assert "1 failed cases run again" in run(app, ["retry", "b1", "--kind", "crash"]).output
    assert "A study" in run(app, ["batches"]).output
    assert run(app, ["results", "b1"]).stdout == "case,heating_kwh\n0,1.25\n"
    assert run(app, ["results", "b1", "--out", str(out)]).exit_code == 0
    assert out.read_text() == "case,heating_kwh\n0,1.25\n"


def test_one_case_is_cancelled_by_its_index_and_the_batch_goes_on(service):
    assert Client().batch("b1").cancel_case(-1) == {"index": -1, "state": "cancelled"}
    assert "case -1 is cancelled" in CliRunner().invoke(app, ["cancel", "b1", "--case", "-1"]).output
    assert {path for _, path, *_ in service.asked} == {"/api/batches/b1/cases/-1/cancel/"}


def test_a_case_that_cannot_be_cancelled_is_an_error(service):
    service.answers["POST", "/api/batches/b1/cases/0/cancel/"] = (409, {"detail": "Case 0 is succeeded."})
    outcome = CliRunner().invoke(app, ["cancel", "b1", "--case", "0"])
    assert isinstance(outcome.exception, ServiceRefused)
    assert "Case 0 is succeeded." in str(outcome.exception)


def test_the_command_shows_what_one_has_of_each_quota(service):
    assert Client().quota() == QUOTA
    lines = CliRunner().invoke(app, ["quota"]).output.splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    assert rows == [
        ["cases that have not ended", "1,250 cases", "5,000 cases", "25"],
        ["files of cases", "2.5 MB", "no limit", ""],
        ["uploaded models and weather files", "0.0 MB", "200.0 MB", "0"],
    ]


def test_findings_are_notes_beside_the_table(service):
    assert [finding["parameter"] for finding in Client().batch("b1").findings] == ["roof_m"]
    for arguments in (["results", "b1"], ["watch", "b1"]):
        outcome = CliRunner().invoke(app, arguments)
        assert outcome.stderr == "note: 'roof_m' had no effect.\n"
        assert "roof_m" not in outcome.stdout


def test_a_download_that_is_refused_leaves_no_file(service, tmp_path):
    out = tmp_path / "table.csv"

    outcome = CliRunner().invoke(app, ["results", "unknown", "--out", str(out)])

    assert isinstance(outcome.exception, CasefarmError)
    assert list(tmp_path.iterdir()) == []


def test_time_series_become_a_dataframe_of_what_was_chosen(service):
    series = Client().batch("b1").timeseries(name="Heating:NaturalGas", case=1)
    assert series["heating_kwh"].tolist()[0] == 1.25


def test_the_command_fetches_time_series(service, tmp_path):
    run = CliRunner().invoke
    out = tmp_path / "series.csv"

    assert run(app, ["timeseries", "b1"]).output == "case,value\n0,1.5\n"
    assert run(app, ["timeseries", "b1", "--out", str(out)]).exit_code == 0
    assert out.read_text() == "case,value\n0,1.5\n"


def test_the_command_fetches_the_files_of_all_cases_or_of_some(service, tmp_path):
    run = CliRunner().invoke
    out = tmp_path / "files.zip"

    assert run(app, ["archive", "b1"]).stdout_bytes == b"PK all"
    choice = ["--files", "a.err,b.htm", "--cases=-1,0-9", "--state", "failed"]
    assert run(app, ["archive", "b1", *choice, "--out", str(out)]).exit_code == 0
    assert out.read_bytes() == b"PK some"
