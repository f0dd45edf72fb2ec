"""A study as a whole, version 1; made by `checks.examination`, read by everything after it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from energyplus.outputs import OutputRequest
from energyplus.run_period import RunPeriod
from studies.definition.adaptive import Adaptive
from studies.definition.design import Design, GridDesign, TableDesign
from studies.definition.engine import ENERGYPLUS, EngineName, program_of, surrogate_of
from studies.definition.output import MAX_OUTPUTS, Output
from studies.definition.parameter import MAX_PARAMETERS, Parameter, ParameterName
from studies.definition.run_period import Period, RunPeriodSpec
from studies.definition.values import MAX_EXPRESSION, NameOrNames, StrictFlag, StudyPart, Text


class Study(StudyPart):
    """What varies in which models under which weather, and which cases are run of it."""

    name: Text = Field(description="What the study is called in lists.")
    engine: EngineName = Field(
        default=ENERGYPLUS,
        description="`energyplus`, in the version of the model, or `executable:NAME`, a program that the administrator"
        " has declared: it needs no `model`, and `weather` only where it reads one. Or `surrogate:ID`, a trained"
        " surrogate: nothing is simulated, and it brings its models, weather files and run period with it.",
        examples=["energyplus", "executable:degree_days"],
    )
    model: NameOrNames | None = Field(
        default=None,
        description="Alias or id of a model in the library; several make the model a parameter.",
        examples=["warehouse"],
    )
    weather: NameOrNames | None = Field(
        default=None,
        description="Alias or id of a weather file in the library; several make the weather a parameter.",
        examples=["chicago", ["chicago", "miami"]],
    )
    run_period: RunPeriodSpec = Field(default="annual", description="What is simulated in each case.")
    baseline: StrictFlag = Field(
        default=False, description="Also run the unmodified model, once for each model and weather."
    )
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=MAX_PARAMETERS)] = Field(
        default=(), description="The inputs that vary; none runs the models as they are."
    )
    design: Design = Field(
        default=GridDesign(method="grid"), description="The rule that picks cases; a grid if left out."
    )
    linked: Annotated[tuple[Annotated[tuple[ParameterName, ...], Field(min_length=2)], ...], Field(max_length=100)] = (
        Field(default=(), description="Groups of parameters that move together, value by value.")
    )
    constraints: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)], ...], Field(max_length=100)
    ] = Field(
        default=(),
        description="What every case must keep to: comparisons of expressions of the parameters.",
        examples=["roof_insulation_m + 0.5 * lighting <= 0.6"],
    )
    outputs: Annotated[tuple[Output, ...], Field(max_length=MAX_OUTPUTS)] = Field(
        default=(), description="Time series to report in each case besides the metrics."
    )
    adaptive: Adaptive | None = Field(
        default=None,
        description="Choose the cases round by round with a surrogate; the design is then that of the first round.",
    )
    keep: Literal["metrics", "full"] = Field(
        default="metrics",
        description="`full` also writes what the models themselves ask for and keeps every file of the engine.",
    )
    retries: Annotated[int, Field(strict=True, ge=0, le=3)] = Field(
        default=0,
        description="How often a case is run again whose engine crashed or ran out of time; one that ended with a fatal"
        " error would only do so again.",
    )
    priority: Literal["low", "normal", "high"] = Field(
        default="normal",
        description="How urgent the batch is beside others; one that waits grows more urgent by itself, up to `high`.",
    )

    @property
    def program(self) -> str | None:
        """Name of the declared program that runs the cases; None where EnergyPlus does."""
        return program_of(self.engine)

    @property
    def surrogate(self) -> str | None:
        """Id of the trained surrogate that answers for the cases; None where they are simulated."""
        return surrogate_of(self.engine)

    @property
    def models(self) -> tuple[str, ...]:
        """References of the models; a single blank one where a program runs without any."""
        return self.model or ("",)

    @property
    def weathers(self) -> tuple[str, ...]:
        """References of the weather files; a single blank one where a program runs without any."""
        return self.weather or ("",)

    @property
    def engine_run_period(self) -> RunPeriod:
        """The run period as the engine room takes it."""
        if isinstance(self.run_period, Period):
            return RunPeriod("period", self.run_period.start_day, self.run_period.end_day)
        return RunPeriod(self.run_period)

    @property
    def output_requests(self) -> tuple[OutputRequest, ...]:
        """The time series as the engine room takes them."""
        return tuple(output.request for output in self.outputs)

    def is_numeric(self, name: str) -> bool:
        """Tell whether every value of a parameter is a number, by its name: what its column in a table can hold."""
        parameter = next(parameter for parameter in self.parameters if parameter.name == name)
        if isinstance(self.design, TableDesign):
            return not any(isinstance(row.get(name), str) for row in self.design.rows)
        return not any(isinstance(value, str) for value in parameter.choices or ())


def study_json_schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON schema of a study, for the API document and for editors.

    Args:
        ref_template: How parts refer to each other, like `#/components/schemas/{model}` in an OpenAPI document.

    Returns:
        A JSON schema (draft 2020-12) with the parts under `$defs`.
    """
    return Study.model_json_schema(by_alias=True, ref_template=ref_template)
