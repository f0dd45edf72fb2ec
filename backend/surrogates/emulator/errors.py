"""What goes wrong in the emulator."""


class EmulatorError(Exception):
    """Base of all errors of this package."""


class TrainingRefused(EmulatorError):  # noqa: N818 - it is an answer, not a fault
    """The rows cannot bear a surrogate; the message says why, what was found and what would do."""


class PredictionRefused(EmulatorError):  # noqa: N818 - likewise
    """Inputs that the surrogate cannot answer for.

    Attributes:
        problems: one for each input that is at fault: its name, what is wrong, what was found, what is accepted.
    """

    def __init__(self, problems: "list[tuple[str, str, object, object]]") -> None:
        super().__init__("; ".join(message for _, message, _, _ in problems))
        self.problems = problems


class WishRefused(PredictionRefused):
    """A screening, search or analysis that cannot be done as wished for; the problems name what to change."""


class DamagedFileError(EmulatorError):
    """A file that is no surrogate of this release, or not the one it says it is."""


class TrainingStopped(EmulatorError):  # noqa: N818 - likewise
    """Training was cancelled, or ran out of its time."""
