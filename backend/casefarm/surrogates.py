"""Trained surrogates for the Python client: predictions, errands in the background, verifications.

Enters: points as a DataFrame, a mapping or rows. Leaves: DataFrames, with units and notes in their `attrs`. Made by
`client.Client.surrogate`.
"""

import io
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from casefarm.errors import CasefarmError

if TYPE_CHECKING:
    import pandas as pd

    from casefarm.client import Batch, Client

Points = Any  # a DataFrame, a mapping of values or lists, or an iterable of rows
ENDED = frozenset({"done", "cancelled", "failed"})
TRAINED = frozenset({"ready", "cancelled", "failed"})
LOOK_EVERY_S = 0.25


class Errand:
    """Something that a surrogate was asked in the background.

    Attributes:
        id: its id.
        last: the representation of the last `refresh()`.
    """

    def __init__(self, client: "Client", told: Mapping[str, Any]) -> None:
        self.id = str(told["id"])
        self.last: dict[str, Any] = dict(told)
        self._client = client
        self._path = f"/api/surrogates/errands/{self.id}/"

    def __repr__(self) -> str:
        return f"<Errand {self.id} {self.last.get('kind', '')} {self.last.get('state', '')}>"

    @property
    def answer(self) -> dict[str, Any]:
        """The whole answer of an errand that is done."""
        answer: dict[str, Any] = self.last["answer"]
        return answer

    def refresh(self) -> dict[str, Any]:
        """Ask for the errand as it is now."""
        self.last = self._client.call("GET", self._path).json()
        return self.last

    def wait(self, timeout_s: float | None = None) -> "Errand":
        """Return when it is done.

        Raises:
            CasefarmError: it failed or was cancelled.
            TimeoutError: after `timeout_s`.
        """
        started = time.monotonic()
        while self.refresh()["state"] not in ENDED:
            if timeout_s is not None and time.monotonic() - started > timeout_s:
                raise TimeoutError(f"errand {self.id} was not done after {timeout_s:g} s")
            time.sleep(LOOK_EVERY_S)
        if self.last["state"] != "done":
            why = self.last["error"] or "somebody stopped it"
            raise CasefarmError(f"errand {self.id} is {self.last['state']}: {why}")
        return self

    def cancel(self) -> None:
        """Stop it now."""
        self.last = {**self.last, **self._client.call("POST", f"{self._path}cancel/").json()}

    def points(self) -> "pd.DataFrame":
        """Return the points that it found, the best first: inputs, `metric`, `metric_low`, `metric_high`."""
        import pandas as pd

        if address := self.last.get("points_url"):
            body = io.BytesIO()
            self._client.download(address, body.write)
            body.seek(0)
            return pd.read_parquet(body)
        frame = pd.DataFrame([flatten_point(point) for point in self.answer["points"]])
        frame.attrs.update({name: value for name, value in self.answer.items() if name != "points"})
        return frame

    def indices(self) -> "pd.DataFrame":
        """Return the indices of a sensitivity: a row per metric and input, `s1`, `s1_low`, `s1_high`, and so on."""
        import pandas as pd

        rows = [
            {"metric": metric, "input": name, **flatten_estimates(found)}
            for metric, inputs in self.answer["indices"].items()
            for name, found in inputs.items()
        ]
        return pd.DataFrame(rows)


class Surrogate:
    """One surrogate of a service.

    Attributes:
        id: its id.
        last: the representation of the last `refresh()`, empty before the first.
    """

    def __init__(self, client: "Client", surrogate_id: str) -> None:
        self.id = surrogate_id
        self.last: dict[str, Any] = {}
        self._client = client
        self._path = f"/api/surrogates/{surrogate_id}/"

    def __repr__(self) -> str:
        return f"<Surrogate {self.id} {self.last.get('state', '')}>"

    def refresh(self) -> dict[str, Any]:
        """Ask for the surrogate as it is now: state, progress, inputs, metrics, accuracy."""
        self.last = self._client.call("GET", self._path).json()
        return self.last

    def wait(self, timeout_s: float | None = None) -> "Surrogate":
        """Return when it is trained.

        Raises:
            CasefarmError: it failed or was cancelled.
            TimeoutError: after `timeout_s`.
        """
        started = time.monotonic()
        while self.refresh()["state"] not in TRAINED:
            if timeout_s is not None and time.monotonic() - started > timeout_s:
                raise TimeoutError(f"surrogate {self.id} was not trained after {timeout_s:g} s")
            time.sleep(LOOK_EVERY_S)
        if self.last["state"] != "ready":
            why = self.last["error"] or "somebody stopped it"
            raise CasefarmError(f"surrogate {self.id} is {self.last['state']}: {why}")
        return self

    def cancel(self) -> dict[str, Any]:
        """Stop its training now; nothing of it is left."""
        self.last = self._client.call("POST", f"{self._path}cancel/").json()
        return self.last

    def delete(self) -> None:
        """Delete it with its file."""
        self._client.call("DELETE", self._path)

    def save(self, write: Callable[[bytes], Any]) -> None:
        """Stream its file into `write`: another farm can take it in."""
        self._client.download(f"{self._path}file/", write)

    def predict(
        self, points: Points, *, level: float = 0.9, outside: str = "widen", units: Mapping[str, str] | None = None
    ) -> "pd.DataFrame":
        """Return what it says of up to 10,000 points: a row each, `metric`, `metric_low`, `metric_high`.

        `inside_domain` tells whether a point may be believed. `attrs["units"]` has the units of the metrics.

        Args:
            points: a DataFrame of inputs, a mapping of values or lists, or rows.
            level: probability with which an interval is to hold the simulated value.
            outside: what becomes of points outside: `widen`, `flag` or `refuse`.
            units: in which inputs are written, to be checked.

        Raises:
            ServiceRefused: inputs are missing, extra or strange; it is not trained; no worker answers.
        """
        import pandas as pd

        asked: dict[str, Any] = {"inputs": list_inputs(points), "level": level, "outside": outside}
        if units is not None:
            asked["units"] = dict(units)
        told = self._client.call("POST", f"{self._path}predict/", json=asked).json()
        columns: dict[str, Any] = {}
        for name, said in told["metrics"].items():
            columns |= {name: said["mean"], f"{name}_low": said["low"], f"{name}_high": said["high"]}
        frame = pd.DataFrame({**columns, "inside_domain": told["inside"]})
        frame.attrs["units"] = {name: said["unit"] for name, said in told["metrics"].items()}
        frame.attrs["strays"] = told["strays"]
        return frame

    def screen(self, *, wait: bool = True, **question: Any) -> Errand:
        """Look through up to 10,000,000 designs: `objectives`, `limits`, `ranges`, `fixed`, `count`, `keep`, ….

        Args:
            wait: return when it is done.
            question: as of `POST /api/surrogates/{id}/screen/`.

        Raises:
            ServiceRefused: with every mistake of the question.
        """
        return self._send("screen", question, wait=wait)

    def optimise(self, *, wait: bool = True, **question: Any) -> Errand:
        """Search for the Pareto front: `objectives`, `limits`, `population`, `generations`, …; see `screen`."""
        return self._send("optimise", question, wait=wait)

    def sensitivity(self, *, wait: bool = True, **question: Any) -> Errand:
        """Find out which inputs matter: `metrics`, `method`, `samples`, …; see `screen`."""
        return self._send("sensitivity", question, wait=wait)

    def dependence(self, *, wait: bool = True, **question: Any) -> Errand:
        """Find out what one or two inputs do: `of`, `metrics`, …; see `screen`."""
        return self._send("dependence", question, wait=wait)

    def verify(
        self,
        points: Points | None = None,
        *,
        errand: Errand | str | None = None,
        top: int | None = None,
        level: float = 0.9,
    ) -> "Batch":
        """Have points simulated as a batch of the study that it was trained on; return the batch.

        Args:
            points: a DataFrame of inputs, a mapping of lists, or rows.
            errand: instead: what has found the points.
            top: so many of the errand's best; all if left out.
            level: of the intervals that are held to what is simulated.

        Raises:
            ServiceRefused: the points are wrong, or it has no study to simulate them by.
        """
        asked: dict[str, Any] = {"level": level}
        if points is not None:
            asked["points"] = list_points(points)
        if errand is not None:
            asked["errand"] = errand.id if isinstance(errand, Errand) else errand
        if top is not None:
            asked["top"] = top
        receipt = self._client.call("POST", f"{self._path}verify/", json=asked).json()
        return self._client.batch(receipt["id"])

    def verifications(self) -> list[dict[str, Any]]:
        """Return predicted against simulated, newest first: `summary` with the rate, `points` one by one."""
        found: list[dict[str, Any]] = self._client.call("GET", f"{self._path}verifications/").json()
        return found

    def _send(self, what: str, question: Mapping[str, Any], *, wait: bool) -> Errand:
        errand = Errand(self._client, self._client.call("POST", f"{self._path}{what}/", json=dict(question)).json())
        return errand.wait() if wait else errand


def list_inputs(points: Any) -> dict[str, Any]:
    """Return points as values by input, as the service takes them."""
    if isinstance(points, Mapping):
        return {name: values.tolist() if hasattr(values, "tolist") else values for name, values in points.items()}
    if hasattr(points, "to_dict"):
        columns: dict[str, Any] = points.to_dict("list")
        return columns
    rows = list(points)
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}


def list_points(points: Any) -> list[dict[str, Any]]:
    """Return points as rows."""
    inputs = list_inputs(points)
    count = max((len(values) for values in inputs.values() if isinstance(values, list)), default=1)
    return [
        {name: values[place] if isinstance(values, list) else values for name, values in inputs.items()}
        for place in range(count)
    ]


def flatten_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return a point of an answer as a row of a table."""
    row = dict(point["inputs"])
    for name, said in point["predicted"].items():
        row |= {name: said["mean"], f"{name}_low": said["low"], f"{name}_high": said["high"]}
    return {**row, "inside_domain": point["inside"]}


def flatten_estimates(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return indices of an input as cells of a row."""
    cells: dict[str, float] = {}
    for index, estimate in found.items():
        cells |= {index: estimate["value"], f"{index}_low": estimate["low"], f"{index}_high": estimate["high"]}
    return cells
