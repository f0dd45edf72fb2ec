"""What a user types: the `casefarm` command and the Python client. Free of Django."""

from casefarm.client import Batch, Client
from casefarm.errors import CasefarmError
from casefarm.problems import ServiceRefused, ServiceUnreachable

__all__ = ["Batch", "CasefarmError", "Client", "ServiceRefused", "ServiceUnreachable"]
