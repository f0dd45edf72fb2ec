"""Finds out who is asking; called by the views of every room."""

from django.contrib.auth.models import User
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request


def user_of(request: Request) -> User:
    """Return the person who is asking.

    Raises:
        NotAuthenticated: nobody has logged in.
    """
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
