"""What the client, the command and the local stack raise; each message is one line that says what to do next."""


class CasefarmError(Exception):
    """Base of every error of this package."""


class LocalStackError(CasefarmError):
    """A process of the local stack cannot be started or did not behave."""
