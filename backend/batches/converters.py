"""Path converters of the batches API."""

from django.urls.converters import IntConverter


class SignedConverter(IntConverter):
    """A whole number that may be negative: the index of a case."""

    regex = "-?[0-9]{1,9}"
