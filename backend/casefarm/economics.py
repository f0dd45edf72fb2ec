"""What a batch's cases cost, emit and save, and how they compare with another batch's, for the Python client.

`client.Batch` is one of these; everything here is a call of the service.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casefarm.studies_file import read_study

if TYPE_CHECKING:
    import pandas as pd

    from casefarm.client import Client

Valuation = Mapping[str, Any] | Path | str


class ValuedBatch:
    """The part of a batch that knows of money, carbon and other batches."""

    id: str
    _client: "Client"
    _path: str

    @property
    def valuation(self) -> dict[str, Any] | None:
        """The valuation that the batch keeps: tariffs, emission factors, years; None without one."""
        kept: dict[str, Any] | None = self._client.call("GET", f"{self._path}valuation/").json()["valuation"]
        return kept

    def keep_valuation(self, valuation: Valuation | None) -> None:
        """Have the batch keep a valuation (a mapping, a file or YAML text), or none. Nothing is simulated.

        Raises:
            ServiceRefused: with every mistake, or with what the cases would have to report.
        """
        if valuation is None:
            self._client.call("DELETE", f"{self._path}valuation/")
        else:
            self._client.call("PUT", f"{self._path}valuation/", json=read_study(valuation, "valuation")[0])

    def savings(self, valuation: Valuation | None = None) -> "pd.DataFrame":
        """Return what each case saves against the baseline of its own weather and model: a row per case.

        Args:
            valuation: used for this answer alone; the kept one if left out, energy alone where none is kept.

        Raises:
            ServiceRefused: there is no baseline, or the cases do not report what the valuation needs.
        """
        return self._read_table(lambda write: self.save_savings(write, "parquet", valuation))

    def save_savings(
        self, write: Callable[[bytes], Any], form: str = "csv", valuation: Valuation | None = None
    ) -> None:
        """Stream savings as `csv`, `json` or `parquet` into `write`."""
        self._save_valued("savings", write, form, valuation)

    def costs(self, valuation: Valuation | None = None) -> "pd.DataFrame":
        """Return what each case costs and emits: a row per case. It needs a valuation and no baseline.

        Raises:
            ServiceRefused: there is no valuation, or the cases do not report what it needs.
        """
        return self._read_table(lambda write: self.save_costs(write, "parquet", valuation))

    def save_costs(self, write: Callable[[bytes], Any], form: str = "csv", valuation: Valuation | None = None) -> None:
        """Stream costs and emissions as `csv`, `json` or `parquet` into `write`."""
        self._save_valued("costs", write, form, valuation)

    def compare(self, other: "ValuedBatch | str", metrics: Iterable[str] = ()) -> "pd.DataFrame":
        """Return this batch's cases beside those of another with equal model, weather and parameters.

        `attrs` of the frame tells how many were paired, how many not and why, and what else differs.

        Args:
            other: the other batch, or its id.
            metrics: that are compared; the usual ones if left out.

        Raises:
            ServiceRefused: a metric is not known in both.
        """
        frame = self._read_table(lambda write: self.save_comparison(other, write, "parquet", metrics))
        frame.attrs.update(self.summarise_comparison(other, metrics))
        return frame

    def save_comparison(
        self,
        other: "ValuedBatch | str",
        write: Callable[[bytes], Any],
        form: str = "csv",
        metrics: Iterable[str] = (),
    ) -> None:
        """Stream a comparison as `csv`, `json` or `parquet` into `write`."""
        asked = {"as": form, "metric": list(metrics)}
        self._client.download(f"{self._path}comparison/{id_of(other)}/", write, params=asked)

    def summarise_comparison(self, other: "ValuedBatch | str", metrics: Iterable[str] = ()) -> dict[str, Any]:
        """Return how many cases of two batches are paired, how many are not and why."""
        path = f"{self._path}comparison/{id_of(other)}/summary/"
        found: dict[str, Any] = self._client.call("GET", path, params={"metric": list(metrics)}).json()
        return found

    def _save_valued(self, what: str, write: Callable[[bytes], Any], form: str, valuation: Valuation | None) -> None:
        asked: dict[str, Any] = {"params": {"as": form}}
        if valuation is not None:
            asked |= {"method": "POST", "json": read_study(valuation, "valuation")[0]}
        self._client.download(f"{self._path}{what}/", write, **asked)

    def _read_table(self, save: Callable[[Callable[[bytes], Any]], None]) -> "pd.DataFrame":
        import pandas as pd  # here, so that the command starts quickly

        with tempfile.TemporaryFile() as body:
            save(body.write)
            body.seek(0)
            return pd.read_parquet(body)


def id_of(batch: ValuedBatch | str) -> str:
    """Return the id of a batch."""
    return batch if isinstance(batch, str) else batch.id
