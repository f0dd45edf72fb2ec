"""What can go wrong with a batch, as its stages say it."""

from problems.exceptions import Conflict


class BatchError(Exception):
    """Base of this room's errors."""


class NotActiveError(BatchError):
    """The batch is in a final state: what was asked for is only possible before that."""


class StillActiveError(BatchError):
    """The batch is still at work: what was asked for is only possible after that."""


class OutputsRemovedError(BatchError):
    """The files were removed by retention; the numbers in the table are still there."""


class NoSeriesError(BatchError):
    """The study of a batch does not ask for the time series that somebody wants; `asked` are the names it asks for."""

    def __init__(self, message: str, asked: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.asked = asked


class NoSearchError(BatchError):
    """The design of a batch is no optimiser: there is no front to show."""


class RunningElsewhereError(BatchError):
    """An identical case is running; once it has ended, its outcome can be taken over."""


class HandedBackError(BatchError):
    """A case was handed back because the farm failed, and is to be tried again after `pause_s` seconds."""

    def __init__(self, message: str, pause_s: float) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class WorkerEndsError(BatchError):
    """This worker is about to end: the case is for another, at once."""


class StoppedError(BatchError):
    """A run was stopped before its end: its case was cancelled, another attempt has it, or the worker ends."""


class DamagedCaseError(BatchError):
    """A known case cannot be taken over: a file of it is gone, or is not what it was."""


class OtherPointsError(Conflict, BatchError):
    """The study of a batch gives other cases here than it did at submission: the libraries that make them differ.

    An answer as well, for any view that asks what a case varies.
    """


class NotExtensibleError(BatchError):
    """The batch cannot grow, now or ever; the message says why and what to do instead."""


class NotRetryableError(BatchError):
    """Failed cases of the batch cannot be run again, now or ever; the message says why and what to do instead."""


class NothingFailedError(BatchError):
    """No case that is asked for has failed."""


class CleanUpBusyError(BatchError):
    """Another clean-up is at work; this one waits for its turn."""
