"""The Python client: `Client().submit(study).wait().results()` gives a pandas DataFrame.

Enters: a study. Leaves: batches and result tables, over HTTP. Called by users, the command and `casefarm up`.
"""

import io
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from casefarm.attachments import find_attachments
from casefarm.economics import ValuedBatch
from casefarm.environment import find_token, find_url, read_environment
from casefarm.following import Follower
from casefarm.problems import ServiceUnreachable, check_answer
from casefarm.progress import show_progress
from casefarm.studies_file import read_study, replace_local_files
from casefarm.surrogates import Surrogate

if TYPE_CHECKING:
    import pandas as pd

    from energyplus.replay import ReplayReport

FINAL_STATES = frozenset({"completed", "cancelled", "failed"})
COLLECTIONS = {"model": "models", "weather": "weather"}
Study = Mapping[str, Any] | Path | str


class Client:
    """Speaks to one Casefarm service.

    Args:
        url: its address; CASEFARM_URL, or the farm of CASEFARM_HOME, where it is not given.
        token: an API token; CASEFARM_TOKEN, or CASEFARM_HOME/token, where it is not given.
        timeout_s: how long one call may take.

    Raises:
        CasefarmError: when there is no token.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, timeout_s: float = 60.0) -> None:
        environment = read_environment()
        self.url = (url or find_url(environment)).rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Token {token or find_token(environment)}"},
            timeout=timeout_s,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def submit(self, study: Study) -> "Batch":
        """Submit a study (a mapping, a file or YAML text), with the local model and weather files it names.

        Raises:
            ServiceRefused: with every mistake of the study.
        """
        receipt = self.call("POST", "/api/batches/", json=self._with_uploads(study)).json()
        return Batch(self, receipt["id"])

    def preview(self, study: Study) -> dict[str, Any]:
        """Return what a study would become: case count, first cases, time estimate. Local files it names are stored.

        Raises:
            ServiceRefused: with every mistake of the study.
        """
        answer: dict[str, Any] = self.call("POST", "/api/batches/preview/", json=self._with_uploads(study)).json()
        return answer

    def pilot(self, study: Study, cases: int = 3) -> "Batch":
        """Run the first cases of a study as a batch of their own, to see what a run takes; they are known afterwards.

        Raises:
            ServiceRefused: with every mistake of the study.
        """
        asked = {"study": self._with_uploads(study), "cases": cases}
        return Batch(self, self.call("POST", "/api/batches/pilot/", json=asked).json()["id"])

    def batch(self, batch_id: str) -> "Batch":
        """Return a batch by its id; nothing is asked yet."""
        return Batch(self, batch_id)

    def surrogate(self, surrogate_id: str) -> Surrogate:
        """Return a trained surrogate by its id; nothing is asked yet."""
        return Surrogate(self, surrogate_id)

    def train_surrogate(self, *batches: "Batch | str", table: Path | None = None, **order: Any) -> Surrogate:
        """Train a surrogate in the background on batches of one study, or on a table; `.wait()` for its end.

        Args:
            batches: or their ids.
            table: instead: a CSV or Parquet file, with `metrics` that say which of its columns are to be predicted.
            order: `name`, `kind`, `metrics`, `inputs`, `level`, `seed`, `keep_suspect`, `time_limit_s`.

        Raises:
            ServiceRefused: it cannot be trained on that; says why.
        """
        if table is not None:
            with table.open("rb") as file:
                told = self.call("POST", "/api/surrogates/", data=order, files={"table": (table.name, file)}).json()
        else:
            ids = [batch.id if isinstance(batch, Batch) else batch for batch in batches]
            told = self.call("POST", "/api/surrogates/", json={"batches": ids, **order}).json()
        return Surrogate(self, str(told["id"]))

    def upload_surrogate(self, path: Path, name: str = "") -> Surrogate:
        """Bring a surrogate's file from another farm; `.wait()` until it has been read."""
        with path.open("rb") as file:
            form = {"name": name} if name else {}
            told = self.call("POST", "/api/surrogates/upload/", data=form, files={"file": (path.name, file)}).json()
        return Surrogate(self, str(told["id"]))

    def surrogates(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest surrogates, at most `limit`."""
        return list(islice(self._walk("/api/surrogates/"), limit))

    def batches(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest batches, at most `limit`."""
        found: list[dict[str, Any]] = []
        for batch in self._walk("/api/batches/"):
            if len(found) == limit:
                break
            found.append(batch)
        return found

    def quota(self) -> list[dict[str, Any]]:
        """Return what one has of each quota and may have: `name`, `used`, `limit` (None: no limit) and `unit`."""
        uses: list[dict[str, Any]] = self.call("GET", "/api/quota/").json()
        return uses

    def upload(self, kind: str, path: Path) -> str:
        """Store a local `model` or `weather` file in the library; return its id.

        A model takes the files along that it refers to and that lie beside it.
        """
        attached = find_attachments(path) if kind == "model" else []
        with ExitStack() as stack:
            files = [("file", (path.name, stack.enter_context(path.open("rb"))))]
            files += [("attachments", (other.name, stack.enter_context(other.open("rb")))) for other in attached]
            stored = self.call("POST", f"/api/{COLLECTIONS[kind]}/", files=files).json()
        return str(stored["id"])

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Make one call of the API.

        Raises:
            ServiceRefused: when the service says no.
            ServiceUnreachable: when nothing answers.
        """
        try:
            return check_answer(self._http.request(method, path, **options))
        except httpx.TransportError as error:
            raise ServiceUnreachable(
                f"nothing answers at {self.url} ({error or type(error).__name__}): "
                "start the farm (`casefarm up`), or set CASEFARM_URL"
            ) from error

    def download(self, path: str, write: Callable[[bytes], Any], *, method: str = "GET", **options: Any) -> None:
        """Stream the body of an answer into `write`, piece by piece.

        Raises:
            ServiceRefused: when the service says no.
            ServiceUnreachable: when nothing answers, or the connection breaks.
        """
        try:
            with self._http.stream(method, path, **options) as response:
                for piece in check_answer(response).iter_bytes():
                    write(piece)
        except httpx.TransportError as error:
            raise ServiceUnreachable(f"{self.url} broke off the download ({error}): try again") from error

    def follow(self, path: str, ask: Callable[[], dict[str, Any]]) -> Follower:
        """Return what follows a batch: by its events, and by `ask` where they do not come through."""
        return Follower(self.url, path, {"Authorization": self._http.headers["Authorization"]}, ask)

    def _walk(self, path: str) -> Iterator[dict[str, Any]]:
        next_page: str | None = path
        while next_page:
            page = self.call("GET", next_page).json()
            yield from page["results"]
            next_page = page["next"]

    def _with_uploads(self, study: Study) -> dict[str, Any]:
        document, folder = read_study(study)
        return replace_local_files(document, folder, self.upload)


class Batch(ValuedBatch):
    """One batch of a service.

    Attributes:
        id: its id.
        last: the representation of the last `refresh()`, empty before the first.
    """

    def __init__(self, client: Client, batch_id: str) -> None:
        self.id = batch_id
        self.last: dict[str, Any] = {}
        self._client = client
        self._path = f"/api/batches/{batch_id}/"

    def __repr__(self) -> str:
        return f"<Batch {self.id} {self.last.get('state', '')}>"

    @property
    def is_finished(self) -> bool:
        """Whether it was in a final state at the last `refresh()`."""
        return self.last.get("state") in FINAL_STATES

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What is to be known of the batch as a whole: `kind`, `parameter`, `message`; complete once it has ended."""
        return list((self.last or self.refresh()).get("findings", []))

    def refresh(self) -> dict[str, Any]:
        """Ask for the batch as it is now: state, counts, progress, rate, time left."""
        self.last = self._client.call("GET", self._path).json()
        return self.last

    def wait(
        self,
        *,
        progress: bool = True,
        timeout_s: float | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        patience_s: float = 60.0,
    ) -> "Batch":
        """Return when the batch is in a final state.

        Args:
            progress: show a progress bar in terminal or notebook, plain lines elsewhere.
            timeout_s: give up after this long; None waits for ever.
            meanwhile: called about four times a second.
            patience_s: how long a service that does not answer is waited for.

        Raises:
            TimeoutError: after `timeout_s`.
            ServiceUnreachable: when nothing has answered for `patience_s`.
        """
        started = answered = time.monotonic()
        with show_progress(enabled=progress) as show, self._client.follow(self._path, self.refresh) as follower:
            while True:
                try:
                    if news := follower.look():
                        self.last = {**self.last, **news}
                        show(self.last)
                        answered = time.monotonic()
                except ServiceUnreachable:
                    if time.monotonic() - answered > patience_s:
                        raise
                if self.is_finished:
                    return self
                if timeout_s is not None and time.monotonic() - started > timeout_s:
                    raise TimeoutError(f"batch {self.id} was not finished after {timeout_s:g} s")
                meanwhile()
                time.sleep(0.25)

    def cancel(self) -> dict[str, Any]:
        """Stop the batch now; finished cases keep their results."""
        self.last = self._client.call("POST", f"{self._path}cancel/").json()
        return self.last

    def cancel_case(self, index: int) -> dict[str, Any]:
        """Stop one case; the others go on.

        Args:
            index: of a pending or running case; negative for a baseline.

        Returns:
            The case as it is then.

        Raises:
            ServiceRefused: the case, or the batch, has ended.
        """
        case: dict[str, Any] = self._client.call("POST", f"{self._path}cases/{index}/cancel/").json()
        return case

    def retry(self, kinds: Iterable[str] = (), cases: Iterable[int] = ()) -> int:
        """Run failed cases again: all, or only those that are named. What succeeded stays.

        Args:
            kinds: of failure, like "crash" or "timeout".
            cases: indices.

        Returns:
            How many cases run again.
        """
        chosen = {name: found for name, found in (("kinds", list(kinds)), ("cases", list(cases))) if found}
        answer = self._client.call("POST", f"{self._path}retry/", json=chosen).json()
        self.last = answer["batch"]
        return int(answer["retried"])

    def extend(self, samples: int | None = None, rows: Iterable[Mapping[str, Any]] | None = None) -> "Batch":
        """Add cases to the batch after it has ended: more of its design, or points of your own. What there is stays.

        Args:
            samples: how many more; trajectories of a morris design, base samples of a saltelli one.
            rows: instead: a mapping for each case, with a value for each parameter.

        Raises:
            ServiceRefused: the batch is at work, its design does not go on, or a row is wrong.
        """
        asked = {"samples": samples, "rows": None if rows is None else [dict(row) for row in rows]}
        body = {name: value for name, value in asked.items() if value is not None}
        self._client.call("POST", f"{self._path}extend/", json=body)
        self.refresh()
        return self

    def add_outputs(self, outputs: Iterable[Mapping[str, Any]]) -> str:
        """Add time series to the ended batch from the files that its cases kept; nothing is simulated again.

        Args:
            outputs: as in a study: `meter`, or `variable` with `key`, and `frequency`.

        Returns:
            The id of the background task that reads the files: `/api/tasks/ID/status/` tells how far it is.

        Raises:
            ServiceRefused: the batch is at work, or its files lack an output; the nearest names are told.
        """
        asked = {"outputs": [dict(output) for output in outputs]}
        return str(self._client.call("POST", f"{self._path}outputs/", json=asked).json()["task_id"])

    def columns(self) -> list[dict[str, Any]]:
        """Return the columns of the result table: name, label, unit, kind."""
        columns: list[dict[str, Any]] = self._client.call("GET", f"{self._path}columns/").json()
        return columns

    def results(self) -> "pd.DataFrame":
        """Return the result table: a row per case, units in the column names; a metric not produced is missing."""
        import pandas as pd  # here, so that the command starts quickly

        body = io.BytesIO()
        self.save_results(body.write, "parquet")
        body.seek(0)
        return pd.read_parquet(body)

    def save_results(self, write: Callable[[bytes], Any], form: str = "csv") -> None:
        """Stream the result table as `csv`, `parquet`, `arrow`, `json` or `xlsx` into `write`."""
        self._client.download(f"{self._path}results/", write, params={"as": form})

    def save_archive(self, write: Callable[[bytes], Any], *, files: str = "", cases: str = "", state: str = "") -> None:
        """Stream the files that the cases kept into `write`, as one zip with the result table and the study.

        Args:
            write: takes the pieces.
            files: names of the files that are wanted of each case, like "eplusout.err,eplustbl.htm"; all if left out.
            cases: indices of cases and ranges of them, like "0-99,250"; all if left out.
            state: "succeeded" or "failed": only of cases that ended so.

        Raises:
            ServiceRefused: the choice has a mistake or too many files, or the files were removed.
        """
        asked = {"files": files, "cases": cases, "state": state}
        chosen = {name: value for name, value in asked.items() if value}
        self._client.download(f"{self._path}archive/", write, params=chosen)

    def front(self) -> dict[str, Any]:
        """Return what a search has found so far: `objectives`, `generation`, `points`, and the cases on the `front`.

        Raises:
            ServiceRefused: the study's design is no optimiser.
        """
        found: dict[str, Any] = self._client.call("GET", f"{self._path}front/").json()
        return found

    def timeseries(self, **choice: str | int) -> "pd.DataFrame":
        """Return the time series that the study asked for, in long form: a row per case, series and interval.

        Words are categories. `interval_end` is in UTC, `interval_end_local` in the standard time of the site.

        Args:
            choice: what is wanted: `name` and `key` of a meter or variable, `frequency`, `case`; all if left out.

        Raises:
            ServiceRefused: the study asks for no such series, or they were removed.
        """
        import pandas as pd

        with tempfile.TemporaryFile() as body:
            self.save_timeseries(body.write, "parquet", **choice)
            body.seek(0)
            return pd.read_parquet(body)

    def save_timeseries(self, write: Callable[[bytes], Any], form: str = "csv", **choice: str | int) -> None:
        """Stream time series as `csv`, `parquet` or `arrow` into `write`; the choice is that of `timeseries`."""
        self._client.download(f"{self._path}timeseries/", write, params={"as": form, **choice})

    def explain(self, metric: str, **choice: str) -> dict[str, Any]:
        """Return which parameters matter for a metric, as the service tells it; the choice is that of `sensitivity`."""
        asked = {"metric": metric, **choice}
        answer: dict[str, Any] = self._client.call("GET", f"{self._path}sensitivity/", params=asked).json()
        return answer

    def sensitivity(self, metric: str, **choice: str) -> "pd.DataFrame":
        """Return which parameters matter for a metric: a row per factor, the most important first.

        Columns are the indices of the method, each with the half width of its 95 % confidence interval under
        `…_conf`. `attrs` of the frame holds the whole answer: method, notes, pairs, what was left out.

        Args:
            metric: of the result table.
            choice: `method` (`auto` if left out), `weather`, `model`, `suspect` (`keep` uses suspect cases too).

        Raises:
            ServiceRefused: the design of the batch or its cases cannot bear the analysis; it says why.
        """
        import pandas as pd

        answer = self.explain(metric, **choice)
        rows = [
            {**factor["values"], **{f"{name}_conf": value for name, value in factor["conf"].items()}}
            for factor in answer["factors"]
        ]
        frame = pd.DataFrame(rows, index=pd.Index([factor["name"] for factor in answer["factors"]], name="factor"))
        frame.attrs.update(answer)
        return frame

    def replay(self, index: int, folder: Path | None = None) -> "ReplayReport":
        """Run a case again on this machine and say whether it gives the same to the last bit.

        Args:
            index: of the case; negative for a baseline.
            folder: keeps the inputs and the files of the run; a temporary one where it is not given.

        Raises:
            ServiceRefused: when there is no such case, or its files are gone.
            CasefarmError: when this machine cannot run it.
        """
        from casefarm.replay import replay  # here, so that the command starts quickly

        with tempfile.TemporaryDirectory(prefix="casefarm-replay-") as temporary:
            place = folder or Path(temporary)
            return replay(self._client.download, f"{self._path}cases/{index}/", place, read_environment())
