"""`manage.py check_farm`: whether a machine that wants to work for a farm can; `casefarm worker` calls it."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from library.models import StoredWeather
from library.storage import path_of

SERVICES_TIMEOUT_S = 60.0


class Command(BaseCommand):
    """Asks database, broker and files; changes nothing."""

    help = "Check that this machine can work for the farm that its settings name."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Return where everything is there.

        Raises:
            CommandError: with what is not, and what to do.
        """
        call_command("wait_for_services", timeout=SERVICES_TIMEOUT_S)
        self.check_release()
        self.check_files()

    def check_release(self) -> None:
        """Compare the database with the migrations of this release.

        Raises:
            CommandError: one of them is older than the other.
        """
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
        unknown = set(executor.loader.applied_migrations) - set(executor.loader.graph.nodes)
        if lacking:
            raise CommandError(
                f"The farm's database is of an older release (it lacks {lacking[0][0]}): upgrade the farm first."
            )
        own = {key for key in unknown if key[0] in executor.loader.migrated_apps}
        if own:
            raise CommandError(
                f"The farm is of a newer release (it has {sorted(own)[0]}): install the same release of Casefarm here."
            )

    def check_files(self) -> None:
        """Look for one of the bundled weather files where this machine takes files from.

        Raises:
            CommandError: it is not there.
        """
        weather = StoredWeather.objects.filter(owner=None).first()
        if weather is None:
            raise CommandError("The farm's library is empty: start the farm before its workers.")
        try:
            found = path_of(weather.sha256).is_file()
        except OSError as error:
            raise CommandError(f"The farm's files cannot be read: {error}") from error
        if not found:
            raise CommandError(
                "The farm's files are not where CASEFARM_STORAGE or CASEFARM_FILES says on this machine:"
                f" the weather file {weather.name} is missing. Set them as they are set for the farm's web service."
            )
