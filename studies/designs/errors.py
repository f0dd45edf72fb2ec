"""The error of designs: `studies.checks` turns it into a problem of the study."""


class DesignError(ValueError):
    """A design whose cases cannot be told.

    Attributes:
        path: Where in the study the reason stands, like `design.samples`.
        message: What is wrong and what to do.
        found: What stands there.
        accepted: What would be accepted.
    """

    def __init__(self, path: str, message: str, found: object = None, accepted: object = None) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message
        self.found = found
        self.accepted = accepted
