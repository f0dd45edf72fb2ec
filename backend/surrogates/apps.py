"""The app of surrogates."""

from django.apps import AppConfig


class SurrogatesConfig(AppConfig):
    """Surrogates: their rows, files, tasks and addresses."""

    name = "surrogates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have batches know surrogates as an engine, and find trainings and errands by the ids of their tasks."""
        from batches.messages import follow_task
        from batches.shard_engines import register_engine
        from batches.task_kinds import register_kind
        from surrogates.shard_engine import SurrogateEngine
        from surrogates.task_kinds import Errands, Trainings

        register_kind(Trainings())
        register_kind(Errands())

        register_engine(SurrogateEngine())
        follow_task(SurrogateEngine.task)
