"""While PostgreSQL is away, who asks is told so, and when to ask again; an error of a statement is one of ours."""

from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.test import Client
from psycopg_pool import PoolTimeout

from problems.outages import find_outage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Iterator[Client]:
    """A browser with a session, whose next request meets a connection that PostgreSQL has ended."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_user("ada"))
    yield client
    connection.close()


def end_connection() -> OperationalError:
    """End the connection as PostgreSQL does when it stops; return what who asked just then sees."""
    with pytest.raises(OperationalError) as ended, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return ended.value


@pytest.mark.parametrize("has_session", [True, False])
def test_the_api_answers_503_and_when_to_ask_again(browser: Client, has_session: bool) -> None:
    headers = {}
    if not has_session:
        browser.logout()
        headers["Authorization"] = "Token 0123456789abcdef"
    end_connection()
    response = browser.get("/api/batches/", headers=headers)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response["Retry-After"] == "5"
    assert "database does not answer" in response.json()["detail"]
    connection.close()
    assert browser.get("/api/batches/").status_code == (200 if has_session else 401)


def test_a_server_that_stops_is_an_outage(browser: Client) -> None:
    assert find_outage(end_connection()) is not None


def test_a_connection_that_does_not_come_free_is_an_outage() -> None:
    error = OperationalError("couldn't get a connection after 30.00 sec")
    error.__cause__ = PoolTimeout(str(error))
    assert find_outage(error) is not None


def test_a_statement_that_takes_too_long_is_none(browser: Client) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")  # not for whoever gets the connection from the pool next
        with pytest.raises(OperationalError) as refused:
            cursor.execute("SELECT pg_sleep(60)")
        transaction.set_rollback(True)
    assert isinstance(refused.value.__cause__, psycopg.errors.QueryCanceled)
    assert find_outage(refused.value) is None
