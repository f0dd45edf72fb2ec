"""What the batches API answers and takes, field by field: read by the views and by the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from batches.models import Batch
from batches.states import ACTIVE_BATCH_STATES, AdditionState, BatchState, CaseState, Priority, Verdict

Plain = serializers.Serializer[Any]


class LinksSerializer(Plain):
    """Addresses of what belongs to a batch."""

    status_url = serializers.CharField()
    events_url = serializers.CharField()
    results_url = serializers.CharField()
    cancel_url = serializers.CharField()
    cases_url = serializers.CharField()


class ReceiptSerializer(LinksSerializer):
    """The answer to a submission."""

    id = serializers.UUIDField()
    task_id = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=BatchState.choices)
    case_count = serializers.IntegerField(help_text="Cases of the design, without baselines.")
    baseline_count = serializers.IntegerField(help_text="Runs of the unmodified model: cases with a negative index.")


class CountsSerializer(Plain):
    """Cases per state, baselines included."""

    pending = serializers.IntegerField()
    running = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class VerdictsSerializer(Plain):
    """Finished cases per verdict; whoever adds cases up leaves the suspect and the failed ones out, and says so."""

    valid = serializers.IntegerField()
    suspect = serializers.IntegerField()
    failed = serializers.IntegerField()


class ProgressSerializer(Plain):
    """Finished cases over all cases, exact."""

    finished = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.FloatField()


class QueuePositionSerializer(Plain):
    """Where a batch that has not begun stands in the queue: an estimate."""

    position = serializers.IntegerField(help_text="1 for the batch that begins next.")
    cases_ahead = serializers.IntegerField(help_text="Cases of others and own ones that are taken before its first.")
    expected_start_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where nothing is known of how long the runs ahead take."
    )


class VariedColumnSerializer(Plain):
    """A column of the table that the study varies."""

    name = serializers.CharField()
    unit = serializers.CharField(allow_null=True)


class FindingSerializer(Plain):
    """Something to know of a batch as a whole."""

    kind = serializers.ChoiceField(
        choices=["no_change", "no_effect", "not_examined"],
        help_text="A parameter that changes no field of a model; one whose cases have identical results; many cases.",
    )
    parameter = serializers.CharField(allow_null=True)
    message = serializers.CharField()


class BatchSummarySerializer(ReceiptSerializer):
    """A batch as it stands in a list."""

    owner = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    counts = CountsSerializer()
    verdicts = VerdictsSerializer()
    cached = serializers.IntegerField(help_text="Cases taken over from identical ones, among the succeeded.")
    progress = ProgressSerializer()
    rate_per_h = serializers.FloatField(allow_null=True, help_text="Mean cases per hour that ran, since the start.")
    eta_s = serializers.FloatField(allow_null=True, help_text="Seconds left at that rate.")
    priority = serializers.ChoiceField(choices=Priority.choices, help_text="How urgent it is beside other batches.")
    queue = QueuePositionSerializer(allow_null=True, help_text="Where it stands in the queue; null once it has begun.")
    error = serializers.CharField(allow_null=True)
    keep = serializers.BooleanField(
        help_text="Retention leaves the files of a kept batch alone; which files there are, its study's `keep` says."
    )
    outputs_removed_at = serializers.DateTimeField(allow_null=True)
    outputs_due_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the files of its cases go for their age; null while it is at work, kept, or has none.",
    )
    parameters = VariedColumnSerializer(many=True)
    findings = FindingSerializer(many=True, help_text="Complete once the batch has ended.")


class GrowthSerializer(Plain):
    """What a batch was extended by at one time: one of the two."""

    samples = serializers.IntegerField(allow_null=True, help_text="Samples more of its design.")
    rows = serializers.IntegerField(allow_null=True, help_text="Points that were given; generations of a search, too.")


class RoundSerializer(Plain):
    """What an adaptive batch showed after one of its rounds."""

    number = serializers.IntegerField()
    cases = serializers.IntegerField(help_text="All that the batch had by then.")
    used = serializers.IntegerField(help_text="Those of them that the surrogate was trained on.")
    cvrmse = serializers.FloatField(allow_null=True, help_text="Error at the target's metric, by cross-validation.")
    kind = serializers.CharField(allow_null=True, help_text="Of the surrogate that predicted best.")
    trained_s = serializers.FloatField()
    note = serializers.CharField(allow_null=True, help_text="Why nothing could be learnt.")


class AdaptiveProgressSerializer(Plain):
    """Where an adaptive batch stands."""

    state = serializers.ChoiceField(choices=["simulating", "learning", "waiting", "ended"])
    message = serializers.CharField()
    target = serializers.JSONField()
    budget = serializers.IntegerField()
    rounds = RoundSerializer(many=True)
    unspent = serializers.IntegerField(allow_null=True, help_text="Cases of the budget that were not needed.")
    surrogate = serializers.UUIDField(allow_null=True, help_text="Trained on all its cases, once they have ended.")


class BatchSerializer(BatchSummarySerializer):
    """A batch with its study."""

    study = serializers.JSONField()
    adaptive = AdaptiveProgressSerializer(allow_null=True, help_text="Null where the study says what its cases are.")
    extensions = GrowthSerializer(many=True, help_text="In their order: what its design does not have of its cases.")


class BatchChangeSerializer(serializers.ModelSerializer[Batch]):
    """What an owner may change of a batch."""

    class Meta:
        model = Batch
        fields = ["name", "keep", "priority"]

    def validate_priority(self, wanted: str) -> str:
        """Return the priority; an ended batch has none that matters."""
        if self.instance is not None and self.instance.state not in ACTIVE_BATCH_STATES:
            raise serializers.ValidationError(
                f"The batch is {self.instance.state}: its priority matters no more. Leave it out."
            )
        return wanted


class CaseErrorSerializer(Plain):
    """Why a case failed."""

    kind = serializers.CharField()
    message = serializers.CharField()


class CaseSerializer(Plain):
    """A case of a batch."""

    index = serializers.IntegerField(help_text="Negative for a baseline.")
    state = serializers.ChoiceField(choices=CaseState.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_null=True)
    model = serializers.CharField(allow_null=True, help_text="Null where a declared program runs without one.")
    weather = serializers.CharField(allow_null=True, help_text="Likewise.")
    parameters = serializers.DictField(child=serializers.JSONField())
    metrics = serializers.DictField(child=serializers.FloatField(allow_null=True), allow_null=True)
    error = CaseErrorSerializer(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    cached = serializers.BooleanField(help_text="An identical case had run: its outcome was taken over.")
    attempt = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_s = serializers.FloatField(allow_null=True)


class CaseFileSerializer(Plain):
    """A file that a case kept."""

    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    url = serializers.CharField()


class CaseDetailSerializer(CaseSerializer):
    """A case with its readable changes and its files."""

    changes = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Empty for the model as it is; null before the case has run, and once its files were removed.",
    )
    files = CaseFileSerializer(many=True)


class MessageSerializer(Plain):
    """One complaint of the engine."""

    severity = serializers.ChoiceField(choices=["warning", "severe", "fatal"])
    text = serializers.CharField()
    count = serializers.IntegerField(help_text="How often it came; the engine's own number where it tells one.")
    phase = serializers.ChoiceField(choices=["sizing", "warmup", "simulation"], allow_null=True)
    class_name = serializers.CharField(allow_null=True)
    object_name = serializers.CharField(allow_null=True)
    zone = serializers.CharField(allow_null=True)


class CaseMessagesSerializer(Plain):
    """What the engine complained of in a case."""

    warnings = serializers.IntegerField(help_text="All of them, by the engine's own count.")
    severe_errors = serializers.IntegerField(help_text="All of them, by the engine's own count.")
    total = serializers.IntegerField(help_text="Different messages in the part of the file that was looked at.")
    is_complete = serializers.BooleanField(help_text="Whether these are all: the file eplusout.err has the rest.")
    messages = MessageSerializer(many=True)


class ColumnSerializer(Plain):
    """A column of the result table."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, named as DRF's attribute
    unit = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=["key", "parameter", "metric"])


class RetrySerializer(Plain):
    """Which failed cases are to be run again: all, where nothing is said."""

    kinds = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        min_length=1,
        help_text="Kinds of failure, as the errors of cases tell them: `crash`, `timeout`, `fatal`, `farm` …",
    )
    cases = serializers.ListField(
        child=serializers.IntegerField(), required=False, min_length=1, help_text="Indices of cases."
    )


class RetryAnswerSerializer(Plain):
    """What is run again."""

    retried = serializers.IntegerField(help_text="Failed cases that run again.")
    batch = BatchSerializer()


class ExtensionSerializer(Plain):
    """What an ended batch is to be extended by: one of the two."""

    samples = serializers.IntegerField(
        required=False, help_text="How many cases more; trajectories of `morris`, base samples of `saltelli`."
    )
    rows = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Points of one's own: a value for each parameter, and `model` and `weather` where there are several.",
    )


class OutputsSerializer(Plain):
    """Outputs to add to a batch that has ended."""

    outputs = serializers.ListField(
        child=serializers.DictField(), help_text="As in a study: `meter` or `variable` with `key`, and `frequency`."
    )


class AdditionSerializer(Plain):
    """Outputs that were added to a batch after it had ended, or are being added."""

    task_id = serializers.UUIDField()
    status_url = serializers.CharField()
    state = serializers.ChoiceField(choices=AdditionState.choices)
    outputs = serializers.ListField(child=serializers.DictField())
    cases_read = serializers.IntegerField()
    case_total = serializers.IntegerField()
    lacking_count = serializers.IntegerField(
        help_text="Cases that have results, but not a file with all of these outputs: they have none of what it lacks."
    )
    cases_lacking = serializers.ListField(child=serializers.IntegerField(), help_text="The first 100 of them.")
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class TaskStatusSerializer(Plain):
    """A background task."""

    task_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["PENDING", "STARTED", "PROGRESS", "SUCCESS", "FAILURE", "REVOKED"])
    current = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.FloatField()
    message = serializers.CharField()
