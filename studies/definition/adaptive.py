"""An adaptive batch: cases that a surrogate chooses, round by round, until it is good enough."""

from typing import Annotated

from pydantic import Field

from studies.definition.values import Number, StrictCount, StudyPart, Text

MAX_BUDGET = 10_000
MAX_ROUND = 1_000
FEWEST_FIRST = 20
"""Cases of a first round at least: what a surrogate is trained on."""


class ErrorTarget(StudyPart):
    """How good the surrogate is to be."""

    metric: Text = Field(description="Metric that it is to predict.", examples=["heating_kwh"])
    cvrmse: Annotated[Number, Field(gt=0, le=1)] = Field(
        description="Error that will do on cases that it was not trained on: RMSE over the mean, 0 to 1.",
        examples=[0.05],
    )


class Adaptive(StudyPart):
    """Cases are chosen round by round: simulate, train a surrogate, choose those that it knows least of."""

    budget: Annotated[StrictCount, Field(ge=FEWEST_FIRST, le=MAX_BUDGET)] = Field(
        description="Most cases, baselines apart."
    )
    target: ErrorTarget = Field(description="When it is good enough.")
    batch: Annotated[StrictCount, Field(ge=1, le=MAX_ROUND)] = Field(
        default=32, description="Cases of a round after the first."
    )
