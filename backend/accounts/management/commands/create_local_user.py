"""`manage.py create_local_user`: makes the user of a farm on one machine and prints how to log in as JSON."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.services import as_json, ensure_local_user


class Command(BaseCommand):
    """Makes the user `local` with a password and an API token; a second call changes nothing."""

    help = "Make the local user, write CASEFARM_HOME/local-user.json and CASEFARM_HOME/token, print them as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print `{username, password, token_path}`; the password is null where the user has changed it."""
        self.stdout.write(as_json(ensure_local_user(home=settings.CASEFARM_HOME)))
