"""Attempts at a case: claimed, handed back, made final – each by a conditional update checked for one row.

An attempt's number fences its writes: a late one, or one that has lost its case, changes nothing. A number is given
once: what an attempt left behind is never another's. Leases are renewed by the keeper. For `execution`.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from batches.cases.faults import insist
from batches.cases.known_cases import LEASE_S, Claim, KnownOutcome, Memory, new_claim, read_outcome
from batches.database import QUICKLY, execute_quickly, execute_step
from batches.live import notices
from batches.models import Diagnosis
from batches.plans import load_plan
from batches.states import ACTIVE_BATCH_STATES, CaseState, Verdict

FAULTS_FORGIVEN = 3  # the next one ends the case
SIGN_OF_LIFE_S = 3

# May this message have the case? A pending one, or one whose lease has run out, of the epoch that is sent.
ACTIVE = f"({', '.join(repr(state.value) for state in ACTIVE_BATCH_STATES)})"
CLAIMABLE = f"""
    batch_id = %(batch_id)s AND "index" = %(index)s
    AND (state = 'pending' OR (state = 'running' AND leased_until < now()))
    AND EXISTS (
        SELECT FROM batches_shard AS shard JOIN batches_batch AS batch ON batch.id = shard.batch_id
         WHERE shard.batch_id = %(batch_id)s AND shard.number = %(shard)s AND shard.epoch = %(epoch)s
           AND shard.state = 'dispatched' AND batch.state IN {ACTIVE}
    )
"""
# A case that is taken from a running attempt has lost its worker: that counts, or one that kills it every time
# would go round for ever.
CLAIM = f"""
    UPDATE batches_case
       SET state = 'running', attempt = attempt + 1, started_at = now(),
           leased_until = now() + %(lease_s)s * interval '1 second',
           losses = losses + (state = 'running')::int,
           faults = CASE WHEN state <> 'running' THEN faults ELSE coalesce(faults, '[]'::jsonb) || to_jsonb(
               'attempt ' || attempt || ': its worker vanished: it died, or was cut off, and its lease ran out'
           ) END
     WHERE {CLAIMABLE}
"""  # noqa: S608 - no words of strangers
# The case and the right to run it for everybody, together: one question, and no case is claimed only to be handed
# back because an identical one is running. Whoever holds a key is left alone without locking its row.
CLAIM_WITH_KEY = f"""
    WITH wanted AS (
        SELECT FROM batches_case WHERE {CLAIMABLE}
    ), known AS (
        SELECT holder, outcome, leased_until FROM batches_knowncase WHERE key = %(key)s
    ), taken AS (
        INSERT INTO batches_knowncase AS row (key, holder, leased_until, size_bytes, hits)
        SELECT %(key)s, %(holder)s, now() + %(lease_s)s * interval '1 second', 0, 0
          FROM wanted WHERE NOT EXISTS (SELECT FROM known WHERE outcome IS NOT NULL OR leased_until >= now())
            ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until
         WHERE row.outcome IS NULL AND (row.leased_until IS NULL OR row.leased_until < now())
        RETURNING true
    ), claimed AS (
        {CLAIM} AND (EXISTS (SELECT FROM taken) OR EXISTS (SELECT FROM known WHERE outcome IS NOT NULL))
        RETURNING attempt, losses, faults
    )
    SELECT EXISTS (SELECT FROM wanted), EXISTS (SELECT FROM taken), claimed.*, known.holder, known.outcome, {QUICKLY}
      FROM (SELECT) AS always LEFT JOIN claimed ON true LEFT JOIN known ON known.outcome IS NOT NULL
"""  # noqa: S608 - likewise
# To be repeated when an answer was lost with the connection: what this attempt has made final stays so.
FINISH = f"""
    WITH held AS (
        UPDATE batches_case
           SET state = %(state)s, verdict = %(verdict)s, metrics = %(metrics)s::jsonb, cached = %(cached)s,
               finished_at = now(), leased_until = NULL
         WHERE batch_id = %(batch_id)s AND "index" = %(index)s AND attempt = %(number)s AND state = 'running'
           AND (%(state)s <> 'cancelled') = EXISTS (
               SELECT FROM batches_batch AS batch WHERE batch.id = %(batch_id)s AND batch.state IN {ACTIVE}
           )
        RETURNING true
    ), counted AS (
        UPDATE batches_shard
           SET succeeded = succeeded + (%(state)s = 'succeeded')::int,
               failed = failed + (%(state)s = 'failed')::int,
               cancelled = cancelled + (%(state)s = 'cancelled')::int,
               suspect = suspect + (%(verdict)s IS NOT DISTINCT FROM 'suspect')::int,
               cached = cached + %(cached)s::int,
               stored_bytes = stored_bytes + %(stored_bytes)s,
               last_progress_at = now()
         WHERE batch_id = %(batch_id)s AND number = %(shard)s AND EXISTS (SELECT FROM held)
    )"""  # noqa: S608 - likewise
DIAGNOSE = """, diagnosed AS (
        INSERT INTO batches_diagnosis (batch_id, "index", kind, message, reasons)
        SELECT %(batch_id)s, %(index)s, %(kind)s, %(message)s, %(reasons)s::jsonb FROM held
            ON CONFLICT (batch_id, "index")
            DO UPDATE SET kind = excluded.kind, message = excluded.message, reasons = excluded.reasons
    )"""
COUNT_HIT = """, used AS (
        UPDATE batches_knowncase SET hits = hits + 1, last_used_at = now()
         WHERE key = %(known_key)s AND EXISTS (SELECT FROM held)
    )"""
REMEMBER = """, remembered AS (
        UPDATE batches_knowncase
           SET outcome = %(outcome)s::jsonb, size_bytes = %(size_bytes)s, leased_until = NULL, last_used_at = now()
         WHERE key = %(key)s AND holder = %(holder)s AND outcome IS NULL AND EXISTS (SELECT FROM held)
        RETURNING true
    )"""
IS_FINISHED = """
    SELECT EXISTS (SELECT FROM held) OR EXISTS (
        SELECT FROM batches_case
         WHERE batch_id = %(batch_id)s AND "index" = %(index)s AND attempt = %(number)s AND state = %(state)s
    )"""
IS_REMEMBERED = """, EXISTS (SELECT FROM remembered) OR EXISTS (
        SELECT FROM batches_knowncase WHERE key = %(key)s AND holder = %(holder)s AND outcome IS NOT NULL
    )"""
HELD = """batch_id = %(batch_id)s AND "index" = %(index)s AND attempt = %(number)s AND state = 'running'"""
HAND_BACK = (
    f"UPDATE batches_case SET state = 'pending', leased_until = NULL, started_at = NULL WHERE {HELD} RETURNING 1"  # noqa: S608
)
COUNT_FAULT = f"""
    UPDATE batches_case
       SET losses = losses + 1, faults = coalesce(faults, '[]'::jsonb) || to_jsonb(%(fault)s::text),
           state = CASE WHEN losses < %(forgiven)s THEN 'pending' ELSE state END,
           leased_until = CASE WHEN losses < %(forgiven)s THEN NULL ELSE leased_until END
     WHERE {HELD} RETURNING losses, faults
"""  # noqa: S608 - no words of strangers
SHOW_LIFE = """
    UPDATE batches_shard SET last_progress_at = now()
     WHERE batch_id = %(batch_id)s AND number = %(shard)s AND state = 'dispatched'
       AND last_progress_at < now() - %(quiet_s)s * interval '1 second' RETURNING 1
"""


@dataclass(frozen=True)
class Attempt:
    """The right to run a case and to publish its outcome, until another attempt is begun."""

    batch_id: UUID
    index: int
    number: int


@dataclass(frozen=True)
class Begun:
    """A claimed case.

    Attributes:
        attempt: holds it.
        faults: what went wrong with earlier attempts through no fault of the case, in words.
        claim: the right to run it on behalf of everybody; None where the cache is off, or the outcome is known.
        known: what an identical case gave.
    """

    attempt: Attempt
    faults: tuple[str, ...] = ()
    claim: Claim | None = None
    known: KnownOutcome | None = None


@dataclass(frozen=True)
class Final:
    """What makes a case final.

    Attributes:
        state: the final one.
        verdict: what its numbers are worth; None of a cancelled one.
        metrics: all of them by name.
        why: its diagnosis, where there is something to tell.
        known_key: of the known case that it was taken over from.
        stored_bytes: what the case has kept, for the shard to count.
        memory: what is left to others.
    """

    state: CaseState
    verdict: Verdict | None = None
    metrics: dict[str, Any] | None = None
    why: Diagnosis | None = None
    known_key: str | None = None
    stored_bytes: int = 0
    memory: Memory | None = None


@dataclass(frozen=True)
class Written:
    """What stands in the database after `finish_case`; true where the case is final as its attempt has made it."""

    case: bool
    memory: bool = False

    def __bool__(self) -> bool:
        """Return whether the case is final as its attempt has made it."""
        return self.case


def claim_case(batch_id: UUID, index: int, epoch: int) -> Attempt | None:
    """Take a case that nobody holds, a pending one or one whose lease has run out, whatever is known of it."""
    begun = begin_case(batch_id, index, epoch, None)
    return begun.attempt if begun else None


def begin_case(batch_id: UUID, index: int, epoch: int, key: str | None) -> Begun | None:
    """Take a case that nobody holds with what is known of it, or with the right to find out.

    Args:
        batch_id: of its batch.
        index: of the case.
        epoch: of the message that asks.
        key: what the case is known by; None where it is run whatever is known.

    Raises:
        RunningElsewhereError: an identical case is running. The case is untouched.
    """
    named = _name_case(batch_id, index, epoch)
    if key is None:
        found = execute_step(f"{CLAIM} RETURNING attempt, faults, {QUICKLY}", named)
        return Begun(Attempt(batch_id, index, found[0][0]), _read_faults(found[0][1])) if found else None
    claim = new_claim(key)
    wanted = {**named, "key": key, "holder": claim.holder}
    is_wanted, is_taken, number, _losses, faults, holder, outcome = execute_step(CLAIM_WITH_KEY, wanted)[0]
    if number is not None:
        known = None if is_taken else read_outcome(key, holder, outcome)
        return Begun(Attempt(batch_id, index, number), _read_faults(faults), claim if is_taken else None, known)
    if is_taken:  # somebody else was faster with the case
        claim.release()
    elif is_wanted and outcome is None:
        show_life(batch_id, index)
        claim.refuse()
    return None


def _name_case(batch_id: UUID, index: int, epoch: int) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "index": index,
        "shard": load_plan(batch_id).shard_of(index),
        "epoch": epoch,
        "lease_s": LEASE_S,
    }


def _read_faults(found: str | None) -> tuple[str, ...]:
    return tuple(json.loads(found)) if found else ()


def finish_case(attempt: Attempt, final: Final) -> Written:
    """Write a case's final row, its shard's counters, its diagnosis and what others may take over, in one statement.

    It cannot where the attempt has lost its case, nor where the batch has ended; a case is cancelled only where it has.
    What this attempt has written already stays, and is not counted again.
    """
    parameters: dict[str, Any] = {
        **vars(attempt),
        "shard": load_plan(attempt.batch_id).shard_of(attempt.index),
        "state": final.state.value,
        "verdict": final.verdict and final.verdict.value,
        "metrics": None if final.metrics is None else json.dumps(final.metrics),
        "cached": final.known_key is not None,
        "stored_bytes": final.stored_bytes,
    }
    statement, asked = FINISH, IS_FINISHED
    if final.why is not None:
        statement += DIAGNOSE
        why = final.why
        parameters |= {"kind": why.kind, "message": why.message, "reasons": json.dumps(why.reasons)}
    if final.known_key is not None:
        statement += COUNT_HIT
        parameters["known_key"] = final.known_key
    if final.memory is not None:
        statement += REMEMBER
        asked += IS_REMEMBERED
        parameters |= vars(final.memory)
    written = Written(*insist(partial(execute_step, f"{statement}{asked}, {QUICKLY}", parameters))[0])
    if written:
        notices.tell_change(attempt.batch_id)
    return written


def hand_back(attempt: Attempt) -> bool:
    """Make a case pending again that could not be run here, and count nothing against it.

    Returns:
        False where the attempt has lost it.
    """
    return bool(insist(partial(execute_quickly, HAND_BACK, vars(attempt))))


def count_fault(attempt: Attempt, fault: str) -> tuple[str, ...]:
    """Count a fault of the farm against a case and hand it back; after too many it stays held, to be given up.

    Args:
        attempt: holds the case.
        fault: what went wrong, in words.

    Returns:
        All faults of the case so far, this one included; nothing where the attempt has lost it.
    """
    told = f"attempt {attempt.number}: {fault}"
    counted = {**vars(attempt), "fault": told, "forgiven": FAULTS_FORGIVEN}
    found = insist(partial(execute_quickly, COUNT_FAULT, counted))
    return _read_faults(found[0][1]) if found else ()


def show_life(batch_id: UUID, index: int) -> None:
    """Have the shard of a case that waits show a sign of life, or it would be taken for one without messages."""
    number = load_plan(batch_id).shard_of(index)
    execute_quickly(SHOW_LIFE, {"batch_id": batch_id, "shard": number, "quiet_s": SIGN_OF_LIFE_S})
