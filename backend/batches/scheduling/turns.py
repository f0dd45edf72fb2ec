"""Who gets the next turn: which waiting shards go to the broker now, and where. Pure reckoning, called by `dispatch`.

Two bounds keep the broker small: an owner has no more with it than keeps the slots busy until his next turn, and all
owners together no more than `most_cases`. Where that is not room for all, the more urgent goes first, and among equals
the owner who has had least, counted in cases. What an owner has had grows by the size of each shard; who comes back
after he had nothing to run begins where the others are, less one shard: nobody saves up turns.

Small batches go by the fast lane: before everything else, few at a time, and only while their owner is no more than a
shard ahead of the others at work. So a thousand of them get no more of the farm than one large batch.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from uuid import UUID

from batches.scheduling.lanes import choose_lane
from batches.scheduling.levels import FAST, HIGH, LOW, NORMAL

# How much of the broker each level may fill: what is urgent finds room although a lot waits that is not.
ROOM_SHARES = {FAST: 1.0, HIGH: 0.9, NORMAL: 0.8, LOW: 0.7}


@dataclass(frozen=True)
class WaitingShard:
    """A shard that could go: of a batch at this level; `is_small` where the batch may go by the fast lane."""

    batch_id: UUID
    number: int
    size: int
    level: int
    priority: str
    is_small: bool = False


@dataclass
class OwnerStanding:
    """What an owner has with the broker, and what he waits for.

    Attributes:
        had: cases that he has had, with a start for what he missed while he had nothing to run.
        shards: with the broker, those of the fast lane left out.
        cases: of these that are not final.
        fast_cases: in the fast lane that are not final.
        lane: where his cases wait; None where none do.
        waiting: his shards in the order he would have them run.
    """

    owner_id: int
    had: int = 0
    shards: int = 0
    cases: int = 0
    fast_cases: int = 0
    lane: int | None = None
    waiting: list[WaitingShard] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """A shard that goes to the broker now."""

    shard: WaitingShard
    owner_id: int
    lane: int
    level: int


@dataclass(frozen=True)
class FarmRoom:
    """What the farm holds.

    Attributes:
        slots: cases that run at a time.
        shard_size: cases of a full shard.
        lanes: how many there are.
        most_cases: that may be with the broker.
        most_fast_cases: of one owner, in the fast lane at a time.
    """

    slots: int
    shard_size: int
    lanes: int
    most_cases: int
    most_fast_cases: int


def choose_turns(
    owners: Sequence[OwnerStanding], room: FarmRoom, *, most_had: int = 0, cases_with_broker: int = 0
) -> list[Turn]:
    """Return the shards that go to the broker now, in order; owners are changed as if they had gone.

    Args:
        owners: all who have cases with the broker or wait.
        room: what the farm holds.
        most_had: what anybody has had, also of those who have nothing to run now.
        cases_with_broker: what the broker says it holds, where that is more than the owners' shards have open.
    """
    return list(_Line(owners, room, most_had, cases_with_broker).move())


class _Line:
    """The owners in line, and what fills the broker while they have their turns."""

    def __init__(self, owners: Sequence[OwnerStanding], room: FarmRoom, most_had: int, cases_with_broker: int) -> None:
        self.room, self.at_work = room, [owner for owner in owners if owner.lane is not None]
        self.most_had = most_had
        self.load = max(cases_with_broker, sum(owner.cases + owner.fast_cases for owner in owners))
        self.window = size_window(room, len(owners))
        self.owners_in: Counter[int] = Counter(owner.lane for owner in owners if owner.lane is not None)
        self.cases_in: Counter[int] = Counter()
        for owner in owners:
            if owner.lane is not None:
                self.cases_in[owner.lane] += owner.cases + owner.fast_cases
        self.heap: list[tuple[int, int, int, OwnerStanding, WaitingShard]] = []
        for owner in owners:
            owner.had = max(owner.had, self.find_pace() - room.shard_size)
            self.stand_in_line(owner)

    def find_pace(self) -> int:
        """Return how much that owner has had who has had least of those at work."""
        return min((owner.had for owner in self.at_work), default=self.most_had)

    def stand_in_line(self, owner: OwnerStanding) -> None:
        """Place an owner who has a shard to send and room for it."""
        found = self.find_next(owner)
        if found:
            shard, level = found
            heappush(self.heap, (level, owner.had, owner.owner_id, owner, shard))

    def move(self) -> Iterator[Turn]:
        """Yield turns until nobody has room."""
        while self.heap:
            level, _, _, owner, shard = heappop(self.heap)
            if self.load >= self.room.most_cases * ROOM_SHARES[level]:
                return  # the others are less urgent and find less room
            yield self.take(owner, shard, level)
            self.stand_in_line(owner)

    def find_next(self, owner: OwnerStanding) -> tuple[WaitingShard, int] | None:
        """Return the shard that an owner would send next, and its level; None where he has none or no room."""
        if owner.had <= self.find_pace() + self.room.shard_size:
            for shard in owner.waiting:
                if shard.is_small and owner.fast_cases + shard.size <= self.room.most_fast_cases:
                    return shard, FAST
        if not owner.waiting:
            return None
        first = owner.waiting[0]
        has_room = owner.shards < self.window.shards or owner.cases + first.size <= self.window.cases
        return (first, first.level) if has_room else None

    def take(self, owner: OwnerStanding, shard: WaitingShard, level: int) -> Turn:
        """Count a shard as sent."""
        if owner.lane is None:
            owner.lane = choose_lane(self.owners_in, self.cases_in, self.room.lanes)
            self.owners_in[owner.lane] += 1
            self.at_work.append(owner)
        self.cases_in[owner.lane] += shard.size
        self.load += shard.size
        if level == FAST:
            owner.fast_cases += shard.size
        else:
            owner.shards, owner.cases = owner.shards + 1, owner.cases + shard.size
        owner.had += shard.size
        owner.waiting.remove(shard)
        return Turn(shard, owner.owner_id, owner.lane, level)


@dataclass(frozen=True)
class Window:
    """What an owner may have with the broker: so many shards, and more as long as they hold no more than `cases`."""

    shards: int
    cases: int


def size_window(room: FarmRoom, owners: int) -> Window:
    """Return an owner's window, with K cases in a full shard.

    Who has a lane of his own has max(2, ⌈2·slots/K⌉ + 1) shards, so that every slot is busy while one closes. Where
    owners share lanes, each has K cases: others are busy while a shard closes, and a lane is shared by what each has in
    it, so that all must have alike, whatever the size of their batches.
    """
    if owners > room.lanes:
        return Window(1, max(room.shard_size, -(-2 * room.slots // owners)))
    return Window(max(2, -(-2 * room.slots // room.shard_size) + 1), -(-2 * room.slots // max(1, owners)))
