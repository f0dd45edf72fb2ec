"""A run period: what of the year is simulated."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from studies.definition.values import MonthDay, StudyPart


class Period(StudyPart):
    """Part of the year, from the start of one day to the end of another."""

    start: MonthDay = Field(description="First day, MM-DD.")
    end: MonthDay = Field(description="Last day, MM-DD, not before the first.")

    @property
    def start_day(self) -> tuple[int, int]:
        """Month and day of the first day."""
        return _split_day(self.start)

    @property
    def end_day(self) -> tuple[int, int]:
        """Month and day of the last day."""
        return _split_day(self.end)


def _split_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _tell_run_period(value: Any) -> str:
    return "word" if isinstance(value, str) else "period"


RunPeriodWord = Literal["annual", "design_days"]
RunPeriodSpec = Annotated[
    Annotated[RunPeriodWord, Tag("word")] | Annotated[Period, Tag("period")], Discriminator(_tell_run_period)
]
