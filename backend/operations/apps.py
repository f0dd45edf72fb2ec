"""The Django application `operations`."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class OperationsConfig(AppConfig):
    """Registers `operations` with Django, and the farm's chores with beat after every migration."""

    name = "operations"

    def ready(self) -> None:
        """Have the farm's metrics told, and the chores registered once the tables are there."""
        from operations.metrics import register_collector
        from operations.schedule import register_chores

        register_collector()
        beat = apps.get_app_config("django_celery_beat")  # whose tables they are; apps without models hear no signal
        post_migrate.connect(register_chores, sender=beat, dispatch_uid="operations.register_chores")
