"""What beat does by itself, and that administrators may change it."""

import pytest
from celery import current_app
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from operations import tasks
from operations.schedule import CHORES, register_chores

pytestmark = pytest.mark.django_db


def test_every_chore_is_registered_by_migration_and_is_a_task() -> None:
    current_app.loader.import_default_modules()
    for chore in CHORES:
        assert PeriodicTask.objects.get(name=chore.task).interval.every == chore.every_s
        assert chore.task in current_app.tasks


def test_chores_go_to_the_queues_of_their_rooms() -> None:
    router = current_app.amqp.router
    queues = {chore.task: router.route({}, chore.task)["queue"].name for chore in CHORES}
    assert set(queues.values()) == {"maintenance"}


def test_a_second_registration_leaves_administrators_changes_alone() -> None:
    slower, _ = IntervalSchedule.objects.get_or_create(every=7, period=IntervalSchedule.DAYS)
    PeriodicTask.objects.filter(name="operations.remove_old_outputs").update(enabled=False, interval=slower)
    register_chores()
    chore = PeriodicTask.objects.get(name="operations.remove_old_outputs")
    assert (chore.enabled, chore.interval) == (False, slower)
    assert PeriodicTask.objects.count() == len(CHORES)


def test_the_chores_run_on_an_empty_service() -> None:
    tasks.record_heartbeat()
    tasks.remove_old_outputs()
    tasks.remove_unused_uploads()
    tasks.remove_old_task_history()
    tasks.remove_expired_sessions()


def test_a_chore_outlives_clocks_that_differ_by_an_hour_also_where_an_older_release_registered_it() -> None:
    PeriodicTask.objects.filter(name="batches.reconcile_batches").update(expire_seconds=10)
    register_chores()
    for chore in PeriodicTask.objects.all():
        assert chore.expire_seconds > 3600 + chore.interval.every
