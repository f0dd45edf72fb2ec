"""An output: a time series that every case reports besides its metrics."""

from pydantic import Field

from energyplus.outputs import Frequency, OutputRequest
from studies.definition.values import OutputName, StudyPart

MAX_OUTPUTS = 1_000


class Output(StudyPart):
    """A time series to report in each case besides the metrics: a meter, or a variable of one object or of all."""

    meter: OutputName | None = Field(
        default=None, description="Meter of the engine.", examples=["Electricity:Facility"]
    )
    variable: OutputName | None = Field(
        default=None,
        description="Variable of the engine, without its unit; instead of a meter.",
        examples=["Zone Mean Air Temperature"],
    )
    key: OutputName | None = Field(
        default=None, description='Whose variable: the name of an object, in any case; "*", every one, if left out.'
    )
    frequency: Frequency = Field(description="How often it is reported: the mean or the sum of each interval.")

    @property
    def request(self) -> OutputRequest:
        """The series as the engine room takes it."""
        if self.meter is not None:
            return OutputRequest("meter", self.meter, self.frequency)
        return OutputRequest("variable", self.variable or "", self.frequency, self.key or "*")
