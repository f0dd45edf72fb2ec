"""`manage.py prepare_service`: brings database, library and local user up to date at once; called by `casefarm up`."""

import io
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

SERVICES_TIMEOUT_S = 10.0


class Command(BaseCommand):
    """Migrates, loads the bundled library and makes the local user; a second call changes nothing."""

    help = "Bring database, library and local user up to date; print the local user as JSON on the last line."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the commands one after the other; the user stays the last line of the output.

        Raises:
            CommandError: database or broker do not answer.
        """
        call_command("wait_for_services", timeout=SERVICES_TIMEOUT_S)
        call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        call_command("load_bundled_library", stdout=self.stdout)
        user = io.StringIO()
        call_command("create_local_user", stdout=user)
        self.stdout.write(user.getvalue().strip())
