"""What goes wrong with surrogates."""


class SurrogateError(Exception):
    """Base of all errors of this package."""


class SurrogateRefused(SurrogateError):  # noqa: N818 - it is an answer, not a fault
    """What is asked for cannot be done; each problem has a path, a message, what was found and what is accepted.

    Attributes:
        problems: what is wrong.
    """

    def __init__(self, problems: "list[tuple[str, str, object, object]]") -> None:
        super().__init__("; ".join(message for _, message, _, _ in problems))
        self.problems = problems


class NotReadyError(SurrogateError):
    """A surrogate that is not trained, or failed, is asked for an answer."""
