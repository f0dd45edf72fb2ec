"""The app of surrogates."""

from django.apps import AppConfig


class SurrogatesConfig(AppConfig):
    """Surrogates: their rows, files, tasks and addresses."""

    name = "surrogates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have batches know surrogates as an engine, and find trainings and errands by the ids of their tasks."""
        from batches.clean_up.orphans import register_folders
        from batches.growth.rounds import Grower, register_grower
        from batches.messages import follow_task
        from batches.shard_engines import register_engine
        from batches.task_kinds import register_kind
        from surrogates.leftovers import list_forgotten
        from surrogates.shard_engine import SurrogateEngine
        from surrogates.storage import SURROGATES
        from surrogates.task_kinds import Errands, Trainings

        register_folders(SURROGATES, list_forgotten)
        register_kind(Trainings())
        register_kind(Errands())

        register_engine(SurrogateEngine())
        register_grower(Grower("surrogates.grow_batch", "surrogates"))
        follow_task(SurrogateEngine.task)
