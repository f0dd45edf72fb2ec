"""`manage.py wait_for_services`."""

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings


def test_it_returns_when_both_answer() -> None:
    call_command("wait_for_services", "--timeout", "5")


def test_it_says_who_does_not_answer(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(CommandError, match=r"^Redis \(REDIS_URL\) did not answer within 0\.1 s"):
        call_command("wait_for_services", "--timeout", "0.1")
