"""Checks what the service needs: database, broker, storage, workers, scheduler and engine; called by the health view.

Every check answers within about two seconds, also when what it asks does not. Why something fails is logged; the
answer, which anybody may read, only says what.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import cache
from redis import Redis, RedisError

from batches.cases.resources import find_full_disk
from energyplus.engines.pip_engine import PipEngine
from energyplus.errors import EngineError
from filestore.store import files
from library.engines import catalogue
from operations import sandbox
from operations.workers import Worker, list_workers

log = logging.getLogger(__name__)

TIMEOUT_S = 2
HEARTBEAT_KEY = "operations:heartbeat"
HEARTBEAT_S = 30
TRAINING_QUEUE = "surrogates"


@dataclass(frozen=True)
class Check:
    """What a check found.

    Attributes:
        ok: whether it works.
        detail: what was found, in a few words.
        facts: more to show beside it (`version`, `age_s`).
        blocks: whether the service cannot take work while it is not ok; otherwise work only waits.
    """

    ok: bool
    detail: str
    facts: dict[str, Any]
    blocks: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the check as the API shows it."""
        return {"ok": self.ok, "detail": self.detail, **self.facts}


def check_health() -> dict[str, Any]:
    """Return `status` and one entry per check.

    `status` is `ok`, `degraded` (nothing is lost, but work waits: workers or the scheduler are missing, or some workers
    cannot seal cases) or `failing` (the service cannot take work, or would refuse every case).
    """
    checks = {"database": check_database(), "broker": check_broker(), "storage": check_storage()}
    if checks["broker"].ok:
        workers = list_workers()
        checks["engine"] = check_engine(workers)
        checks |= {"workers": check_workers(workers), "scheduler": check_scheduler()}
    else:
        unknown = Check(ok=False, detail="unknown: the broker does not answer", facts={}, blocks=False)
        checks |= {"engine": check_engine([]), "workers": unknown, "scheduler": unknown}
    failed = [check for check in checks.values() if not check.ok]
    status = "failing" if any(check.blocks for check in failed) else "degraded" if failed else "ok"
    return {"status": status, **{name: check.as_json() for name, check in checks.items()}}


def attempt(name: str, work: Callable[[], str], *expected: type[Exception]) -> Check:
    """Return the check that `work`, which says what it found, makes; an expected error is logged and told in short."""
    try:
        return Check(ok=True, detail=work(), facts={})
    except expected as error:
        log.warning("health: %s: %s", name, error)
        return Check(ok=False, detail=f"does not answer ({type(error).__name__}); the log says more", facts={})


def check_database() -> Check:
    """Check that PostgreSQL answers, on a connection of its own: the pool would wait longer than a health check may."""

    def ask() -> str:
        with psycopg.connect(settings.DATABASE_URL, connect_timeout=TIMEOUT_S) as connection:
            version = connection.info.server_version
        return f"PostgreSQL {version // 10000}.{version % 10000}"

    return attempt("database", ask, psycopg.Error)


def check_broker() -> Check:
    """Check that Redis answers."""

    def ask() -> str:
        url = settings.REDIS_URL
        with Redis.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S) as broker:
            broker.ping()
        return "answers"

    return attempt("broker", ask, RedisError, OSError)


def check_storage() -> Check:
    """Check that files can be written, to a folder or to S3, and that there is room for them."""
    check = attempt("storage", lambda: files.probe(TIMEOUT_S), OSError)
    problem = find_full_disk() if check.ok else None
    return Check(ok=False, detail=problem, facts={}) if problem else check


def check_workers(workers: list[Worker]) -> Check:
    """Check that somebody simulates, and say who trains surrogates, which a farm may do without."""
    slots = sum(worker.concurrency for worker in workers if sandbox.QUEUE in worker.queues)
    trainers = sum(TRAINING_QUEUE in worker.queues for worker in workers)
    detail = f"{len(workers)} workers, {slots} simulations at a time"
    detail += f", {trainers} for surrogates" if trainers else ", none for surrogates"
    facts = {"count": len(workers), "slots": slots, "surrogates": trainers}
    return Check(ok=slots > 0, detail=detail, facts=facts, blocks=False)


def check_scheduler() -> Check:
    """Check that beat sends periodic tasks and a worker does them: `operations.record_heartbeat` leaves a time."""
    recorded = cache.get(HEARTBEAT_KEY)
    if recorded is None:
        return Check(ok=False, detail="no heartbeat yet", facts={"age_s": None}, blocks=False)
    age_s = max(0.0, time.time() - recorded)
    detail = f"last heartbeat {age_s:.0f} s ago"
    return Check(ok=age_s < 4 * HEARTBEAT_S, detail=detail, facts={"age_s": round(age_s, 1)}, blocks=False)


def record_heartbeat() -> None:
    """Leave the present time where `check_scheduler` looks for it."""
    cache.set(HEARTBEAT_KEY, time.time(), None)


def check_engine(workers: list[Worker]) -> Check:
    """Check that the engine's package is installed and that the simulation workers can seal cases.

    The engine itself is never loaded into this process. Workers that cannot refuse their cases: the service fails only
    when all of them do.
    """
    try:
        version = PipEngine().version
        engines = [{"kind": e.kind, "version": e.version, "detail": e.detail} for e in catalogue().list_engines()]
    except (ImportError, EngineError) as error:
        log.warning("An engine cannot be used: %s", error)
        missing = isinstance(error, ImportError)
        detail = "the package pyenergyplus-lbnl is not installed" if missing else "an engine of the settings is broken"
        return Check(ok=False, detail=detail, facts={"version": None, "sandbox": "unknown", "engines": []})
    sealing = [worker for worker in workers if sandbox.QUEUE in worker.queues]
    modes = [(worker.sandbox or {}).get("mode", "unavailable") for worker in sealing]
    worst = next((mode for mode in ("unavailable", "trusted", "enforced") if mode in modes), "unknown")
    further = "".join(f", {e['detail']}" for e in engines if e["kind"] != "package")
    detail = f"EnergyPlus {version}{further}, sandbox {worst}"
    if worst == "unavailable":
        worker = sealing[modes.index(worst)]
        detail += f" on {worker.name}: {(worker.sandbox or {}).get('reason') or 'it does not say why'}"
    facts = {"version": version, "sandbox": worst, "engines": engines}
    return Check(ok=worst != "unavailable", detail=detail, facts=facts, blocks=set(modes) == {"unavailable"})
