"""What the operations API gives, as JSON and in the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from energyplus.engines.catalogue import ENGINE_KINDS


class CheckSerializer(serializers.Serializer[Any]):
    """What a check found."""

    ok = serializers.BooleanField()
    detail = serializers.CharField(help_text="What was found, in a few words.")


class WorkersCheckSerializer(CheckSerializer):
    """Whether somebody simulates."""

    count = serializers.IntegerField(required=False, help_text="Workers that answer.")
    slots = serializers.IntegerField(required=False, help_text="Simulations they can run at a time.")
    surrogates = serializers.IntegerField(required=False, help_text="Those of them that train and ask surrogates.")


class SchedulerCheckSerializer(CheckSerializer):
    """Whether beat and a worker do the periodic tasks."""

    age_s = serializers.FloatField(required=False, allow_null=True, help_text="Seconds since the last heartbeat.")


class EngineFactsSerializer(serializers.Serializer[Any]):
    """An engine that cases can be run with."""

    kind = serializers.ChoiceField(choices=ENGINE_KINDS)
    version = serializers.CharField(allow_null=True, help_text="Of the models that it runs; null for a program.")
    detail = serializers.CharField(help_text="Its own version and build, the name of its folder, a program's label.")


class EngineCheckSerializer(CheckSerializer):
    """Whether the engine is installed, and whether the workers can seal cases."""

    version = serializers.CharField(allow_null=True)
    sandbox = serializers.ChoiceField(
        choices=["enforced", "trusted", "unavailable", "unknown"],
        help_text="How cases are kept from the rest of the machine, of the simulation workers that answer the worst: "
        "enforced; trusted: not at all, by a setting; unavailable: cases are refused; unknown: no worker answers.",
    )
    engines = EngineFactsSerializer(many=True, help_text="Everything that cases can be run with.")


class HealthSerializer(serializers.Serializer[Any]):
    """What the service needs, and whether it has it."""

    status = serializers.ChoiceField(
        choices=["ok", "degraded", "failing"],
        help_text="degraded: nothing is lost, but work waits; failing: the service cannot take work.",
    )
    database = CheckSerializer()
    broker = CheckSerializer()
    storage = CheckSerializer()
    engine = EngineCheckSerializer()
    workers = WorkersCheckSerializer()
    scheduler = SchedulerCheckSerializer()


class WorkerSerializer(serializers.Serializer[Any]):
    """A worker process."""

    name = serializers.CharField()
    host = serializers.CharField(allow_null=True, help_text="The name of its machine.")
    pid = serializers.IntegerField()
    release = serializers.CharField(allow_null=True, help_text="Of Casefarm; null where it is too old to say.")
    memory_bytes = serializers.IntegerField(allow_null=True, help_text="Resident, without the engines it runs.")
    queues = serializers.ListField(child=serializers.CharField())
    concurrency = serializers.IntegerField(help_text="Tasks it does at a time.")
    active = serializers.IntegerField(help_text="Tasks it is doing.")
    processed = serializers.IntegerField(help_text="Tasks it has begun since it started.")
    uptime_s = serializers.FloatField()


class QueueSerializer(serializers.Serializer[Any]):
    """A queue of the broker."""

    name = serializers.CharField()
    waiting = serializers.IntegerField(help_text="Tasks that no worker has taken yet.")


class WorkersSerializer(serializers.Serializer[Any]):
    """Who does the work, and how much of it waits."""

    workers = WorkerSerializer(many=True)
    queues = QueueSerializer(many=True)


class RunningTaskSerializer(serializers.Serializer[Any]):
    """A task that a worker is doing."""

    task_id = serializers.CharField()
    name = serializers.CharField()
    worker = serializers.CharField()
    batch_id = serializers.CharField(allow_null=True)
    case_index = serializers.IntegerField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)


class RunningTasksSerializer(serializers.Serializer[Any]):
    """What runs where."""

    active = serializers.IntegerField(help_text="Tasks that all workers are doing, anybody's.")
    tasks = RunningTaskSerializer(many=True, help_text="Those you may see: your own batches'; all for administrators.")
