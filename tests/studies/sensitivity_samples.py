"""Studies and samples for tests of sensitivity analysis: points of one's own, with what became of the cases."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studies.definition import Study
from studies.sensitivity.sample import Outcomes, Sample


def make_study(design: Mapping[str, Any], parameters: Sequence[Any], **more: Any) -> Study:
    """Return a study of a declared program; a parameter is a name, ranging from 0 to 1, or a mapping."""
    listed = [{"name": found, "uniform": [0, 1]} if isinstance(found, str) else found for found in parameters]
    document = {"name": "Study", "engine": "executable:f", "parameters": listed, "design": design, **more}
    return Study.model_validate(document)


def make_sample(study: Study, columns: Mapping[str, Any], values: Any, **more: Any) -> Sample:
    """Return a sample whose cases all succeeded, at one place and in the design's order where nothing else is said."""
    count = len(values)
    arrays = {
        name: np.asarray(column, object if isinstance(column[0], str) else float) for name, column in columns.items()
    }
    return Sample(
        study=study,
        columns=arrays,
        values=np.asarray(values, np.float64),
        fates=np.asarray(more.get("fates", np.zeros(count)), np.int8),
        ranks=np.asarray(more.get("ranks", np.arange(count)), np.int64),
        places=np.asarray(more.get("places", np.zeros(count)), np.int64),
    )


def succeed(values: NDArray[np.float64]) -> Outcomes:
    """Return the outcomes of cases that all succeeded."""
    return Outcomes(values, np.zeros(len(values), np.int8))
