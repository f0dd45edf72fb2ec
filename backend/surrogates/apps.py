"""The app of surrogates."""

from django.apps import AppConfig


class SurrogatesConfig(AppConfig):
    """Surrogates: their rows, files, tasks and addresses."""

    name = "surrogates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have batches know surrogates as an engine."""
        from batches.messages import follow_task
        from batches.shard_engines import register_engine
        from surrogates.shard_engine import SurrogateEngine

        register_engine(SurrogateEngine())
        follow_task(SurrogateEngine.task)
