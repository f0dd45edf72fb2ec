"""What can go wrong with a batch, as its stages say it."""


class BatchError(Exception):
    """Base of this room's errors."""


class NotActive(BatchError):
    """The batch is in a final state: what was asked for is only possible before that."""


class StillActive(BatchError):
    """The batch is still at work: what was asked for is only possible after that."""


class OutputsRemoved(BatchError):
    """The files were removed by retention; the numbers in the table are still there."""


class InputMissing(BatchError):
    """A model or weather file that the batch was submitted with is no longer in the store."""
