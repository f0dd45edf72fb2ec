"""The states of a surrogate and of an errand, with the transitions they may take."""

from django.db.models import TextChoices

# What may be asked for when a surrogate is trained: surrogates.emulator.training.Wanted.
WANTED_KINDS = ("auto", "gp", "ensemble", "boosting", "ridge", "all")


class SurrogateState(TextChoices):
    """Where a surrogate stands."""

    QUEUED = "queued"  # recorded; no worker has begun to train it
    TRAINING = "training"  # a worker trains it, and renews its lease
    READY = "ready"  # ended: it answers
    CANCELLED = "cancelled"  # ended: stopped by its owner; nothing of it is left but its row
    FAILED = "failed"  # ended: it says why


SURROGATE_TRANSITIONS = {
    SurrogateState.QUEUED: (SurrogateState.TRAINING, SurrogateState.CANCELLED, SurrogateState.FAILED),
    # Back to queued: its worker was told to end, or vanished; what it had kept is gone on from.
    SurrogateState.TRAINING: (
        SurrogateState.READY,
        SurrogateState.CANCELLED,
        SurrogateState.FAILED,
        SurrogateState.QUEUED,
    ),
    SurrogateState.READY: (),
    SurrogateState.CANCELLED: (),
    SurrogateState.FAILED: (),
}
OPEN_SURROGATE_STATES = (SurrogateState.QUEUED, SurrogateState.TRAINING)


class ErrandKind(TextChoices):
    """What a surrogate is asked to do in the background."""

    SCREENING = "screening"  # many designs, of which the best are kept
    OPTIMISATION = "optimisation"  # a search for a Pareto front
    SENSITIVITY = "sensitivity"  # which inputs matter
    DEPENDENCE = "dependence"  # what one or two inputs do, the others averaged over


class ErrandState(TextChoices):
    """Where an errand stands."""

    QUEUED = "queued"
    RUNNING = "running"  # a worker is at it, and renews its lease
    DONE = "done"  # ended: its answer is there
    CANCELLED = "cancelled"  # ended: stopped by its owner
    FAILED = "failed"  # ended: it says why


ERRAND_TRANSITIONS = {
    ErrandState.QUEUED: (ErrandState.RUNNING, ErrandState.CANCELLED, ErrandState.FAILED),
    ErrandState.RUNNING: (ErrandState.DONE, ErrandState.CANCELLED, ErrandState.FAILED, ErrandState.QUEUED),
    ErrandState.DONE: (),
    ErrandState.CANCELLED: (),
    ErrandState.FAILED: (),
}
OPEN_ERRAND_STATES = (ErrandState.QUEUED, ErrandState.RUNNING)
