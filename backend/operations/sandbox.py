"""Finds out at a simulation worker's start whether its machine can seal cases, for `panel` to tell.

What counts is what the workers can do: the web process may run on another kernel.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from celery.signals import celeryd_after_setup
from django.conf import settings

from energyplus.sandbox import probe_sandbox

log = logging.getLogger(__name__)

QUEUE = "simulations"


@dataclass(frozen=True)
class Sandbox:
    """What a simulation worker does with cases.

    Attributes:
        mode: seals them (`enforced`), only limits them because a setting says so (`trusted`), or refuses them because
            its machine cannot seal them (`unavailable`).
        reason: why it is unavailable.
    """

    mode: Literal["enforced", "trusted", "unavailable"]
    reason: str = ""


_found: Sandbox | None = None


@celeryd_after_setup.connect(dispatch_uid="operations.probe_worker")
def probe_worker(instance: Any, **_: Any) -> None:
    """Probe before the first case is taken, in workers that simulate."""
    global _found  # noqa: PLW0603 - one worker, one answer, for as long as it lives
    if QUEUE in instance.app.amqp.queues.consume_from:
        _found = find_sandbox()


def find_sandbox() -> Sandbox:
    """Return what this process can do with cases; probing takes about 0.2 s and a folder among the run folders."""
    if settings.CASEFARM_SANDBOX == "trusted":
        log.warning("CASEFARM_SANDBOX=trusted: models run without a sandbox, limited in time and memory only")
        return Sandbox("trusted")
    scratch = Path(settings.CASEFARM_SCRATCH)
    scratch.mkdir(parents=True, exist_ok=True)
    report = probe_sandbox(scratch)
    if report.mode == "unavailable":
        log.error("the sandbox is unavailable, every case will be refused: %s", report.reason)
    return Sandbox(report.mode, report.reason)


def describe_sandbox() -> dict[str, str] | None:
    """Return what this worker found at its start, as plain JSON; None in one that does not simulate."""
    return {"mode": _found.mode, "reason": _found.reason} if _found else None
