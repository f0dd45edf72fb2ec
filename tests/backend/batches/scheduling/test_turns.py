"""Who gets the next turn: the order of shards, and what bounds it."""

from collections import defaultdict, deque
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from batches.scheduling.levels import FAST, HIGH, LOW, NORMAL
from batches.scheduling.turns import FarmRoom, OwnerStanding, Turn, WaitingShard, choose_turns

ROOM = FarmRoom(slots=4, shard_size=250, lanes=8, most_cases=16_000, most_fast_cases=10)
NARROW = FarmRoom(slots=4, shard_size=250, lanes=8, most_cases=1_000, most_fast_cases=10)
PRIORITIES = {HIGH: "high", NORMAL: "normal", LOW: "low"}


def shards(count: int, *, size: int = 250, level: int = NORMAL, is_small: bool = False) -> list[WaitingShard]:
    """Shards of a batch that waits."""
    batch = UUID(int=uuid4().int)
    return [WaitingShard(batch, number, size, level, PRIORITIES[level], is_small) for number in range(count)]


def owner(owner_id: int, *waiting: list[WaitingShard]) -> OwnerStanding:
    """An owner with nothing in the broker and batches that wait."""
    return OwnerStanding(owner_id, waiting=[shard for batch in waiting for shard in batch])


class Broker:
    """The broker as workers see it: the most urgent level first, and there one case of each lane in turns."""

    def __init__(self, room: FarmRoom) -> None:
        self.room = room
        self.queues: dict[tuple[int, int], deque[list[Any]]] = defaultdict(deque)
        self.lanes = deque(range(room.lanes))

    def put(self, turn: Turn) -> None:
        """Let the cases of a shard wait."""
        self.queues[turn.level, turn.lane].append([turn, turn.shard.size])

    def take(self) -> tuple[Turn, bool] | None:
        """Return the turn that the next case is of, and whether it is the last of its shard."""
        for level in (FAST, HIGH, NORMAL, LOW):
            for lane in list(self.lanes):
                queue = self.queues[level, lane]
                if queue:
                    self.lanes.remove(lane)
                    self.lanes.append(lane)
                    queue[0][1] -= 1
                    return queue[0][0], queue[0][1] == 0 and bool(queue.popleft())
        return None


def run_farm(owners: list[OwnerStanding], room: FarmRoom, cases: int = 1_000_000) -> tuple[list[Turn], list[int]]:
    """Run so many cases one after the other, with a dispatch whenever a shard ends; return turns and cases by owner."""
    broker, by_id = Broker(room), {one.owner_id: one for one in owners}
    turns: list[Turn] = []
    served: list[int] = []
    is_due = True
    while len(served) < cases:
        if is_due:
            standing = [one for one in owners if one.waiting or one.lane is not None]
            for turn in (sent := choose_turns(standing, room, most_had=max(one.had for one in owners))):
                broker.put(turn)
            turns += sent
        found = broker.take()
        if found is None:
            break
        turn, is_due = found
        served.append(turn.owner_id)
        end_case(by_id[turn.owner_id], turn, is_last=is_due)
    return turns, served


def end_case(one: OwnerStanding, turn: Turn, *, is_last: bool) -> None:
    """Take a case off what its owner has with the broker."""
    if turn.level == FAST:
        one.fast_cases -= 1
    else:
        one.cases, one.shards = one.cases - 1, one.shards - is_last
    if not one.cases and not one.fast_cases:
        one.lane = None


def test_an_owner_alone_has_a_window_of_shards() -> None:
    assert [turn.shard.number for turn in choose_turns([owner(1, shards(9))], ROOM)] == [0, 1]


def test_short_batches_fill_the_slots_although_they_are_more_shards_than_a_window() -> None:
    batches = [shards(1, size=1) for _ in range(40)]
    assert len(choose_turns([owner(1, *batches)], ROOM)) == 8


def test_owners_have_lanes_of_their_own_while_there_are_enough() -> None:
    turns = choose_turns([owner(number, shards(3)) for number in range(8)], ROOM)
    lanes = {turn.owner_id: turn.lane for turn in turns}
    assert sorted(lanes.values()) == list(range(8))
    assert all(turn.lane == lanes[turn.owner_id] for turn in turns)


def test_owners_share_lanes_evenly_and_have_one_shard_each_where_they_are_many() -> None:
    turns = choose_turns([owner(number, shards(3)) for number in range(24)], ROOM)
    assert len(turns) == 24
    assert all(sum(turn.lane == lane for turn in turns) == 3 for lane in range(8))


def test_the_more_urgent_goes_first_and_finds_room_when_the_rest_is_full() -> None:
    crowd = [owner(number, shards(4, level=LOW)) for number in range(1, 9)]
    sent = choose_turns(crowd, NARROW)
    assert sum(turn.shard.size for turn in sent) < 1_000
    urgent = owner(9, shards(1, level=HIGH))
    turns = choose_turns([*crowd, urgent], NARROW)
    assert [turn.owner_id for turn in turns] == [9]


def test_an_owner_s_own_batches_go_by_urgency_then_in_their_order() -> None:
    first, second = shards(1), shards(1)
    high = shards(1, level=HIGH)
    turns = choose_turns([owner(1, high, first, second)], ROOM)
    assert [turn.shard for turn in turns] == [*high, *first]


def test_a_small_batch_goes_by_the_fast_lane_past_its_owner_s_window() -> None:
    busy = owner(1, shards(5))
    choose_turns([busy], ROOM)
    small = shards(1, size=3, is_small=True)
    busy.waiting.extend(small)
    assert [(turn.shard, turn.level) for turn in choose_turns([busy], ROOM)] == [(small[0], FAST)]


def test_the_fast_lane_holds_few_cases_of_an_owner_at_a_time() -> None:
    turns = choose_turns([owner(1, *(shards(1, size=4, is_small=True) for _ in range(100)))], ROOM)
    assert sum(turn.shard.size for turn in turns if turn.level == FAST) == 8


def test_a_thousand_small_batches_get_no_more_than_their_share() -> None:
    small = owner(1, *(shards(1, size=10, is_small=True) for _ in range(1_000)))
    large = owner(2, shards(80))
    _, served = run_farm([small, large], ROOM, cases=10_000)
    assert 0.45 < served.count(1) / len(served) < 0.55


def test_owners_with_unequal_loads_get_equal_shares_while_all_have_work() -> None:
    owners = [owner(1, shards(200)), owner(2, shards(800, size=50)), owner(3, *(shards(1, size=7) for _ in range(900)))]
    _, served = run_farm(owners, ROOM, cases=9_000)
    middle = served[1_000:8_000]
    assert all(0.3 < middle.count(number) / len(middle) < 0.37 for number in (1, 2, 3))


def test_owners_get_equal_shares_also_where_the_broker_has_no_room_for_all() -> None:
    tight = FarmRoom(slots=4, shard_size=250, lanes=2, most_cases=500, most_fast_cases=0)
    owners = [owner(number, shards(100, size=size)) for number, size in enumerate((250, 125, 200, 50, 250, 80))]
    _, served = run_farm(owners, tight, cases=24_000)
    shares = [served[2_000:].count(number) / 22_000 for number in range(6)]
    assert all(abs(share - 1 / 6) < 0.02 for share in shares)


def test_nobody_saves_up_turns_while_he_has_nothing_to_run() -> None:
    steady, late = owner(1, shards(400)), owner(2)
    run_farm([steady, late], ROOM, cases=20_000)
    late.waiting = shards(400)
    _, served = run_farm([steady, late], ROOM, cases=4_000)
    assert 0.45 < served.count(2) / len(served) < 0.6


def test_nothing_is_sent_while_the_broker_itself_is_full() -> None:
    assert choose_turns([owner(1, shards(3))], NARROW, cases_with_broker=1_000) == []


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 250), st.sampled_from([HIGH, NORMAL, LOW])), max_size=12),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 64),
    st.integers(1, 12),
)
def test_no_shard_goes_twice_and_the_broker_stays_small(
    batches: list[list[tuple[int, int]]], slots: int, lanes: int
) -> None:
    room = FarmRoom(slots=slots, shard_size=250, lanes=lanes, most_cases=1_000, most_fast_cases=10)
    owners = [
        owner(
            number,
            *(
                shards(1, size=size, level=level, is_small=size <= 10)
                for size, level in sorted(sizes, key=lambda one: one[1])
            ),
        )
        for number, sizes in enumerate(batches)
    ]
    waiting = sum(len(one.waiting) for one in owners)
    turns = choose_turns(owners, room)
    assert len({(turn.shard.batch_id, turn.shard.number) for turn in turns}) == len(turns)
    assert len(turns) + sum(len(one.waiting) for one in owners) == waiting
    assert sum(turn.shard.size for turn in turns) < 1_000 + 250
    assert all(0 <= turn.lane < lanes for turn in turns)
    assert bool(turns) == bool(waiting)


@given(st.lists(st.integers(1, 40), min_size=2, max_size=12))
def test_everything_that_waits_goes_in_the_end(counts: list[int]) -> None:
    owners = [owner(number, shards(count, size=20)) for number, count in enumerate(counts)]
    turns, _ = run_farm(owners, NARROW)
    assert len(turns) == sum(counts)


@given(st.lists(st.integers(4, 20), min_size=2, max_size=10))
def test_between_two_turns_of_an_owner_every_other_who_waits_has_had_one(counts: list[int]) -> None:
    owners = [owner(number, shards(count, size=5)) for number, count in enumerate(counts)]
    room = FarmRoom(slots=1, shard_size=5, lanes=1, most_cases=8, most_fast_cases=0)
    turns = [turn.owner_id for turn in run_farm(owners, room)[0]]
    for number in range(len(counts)):
        places = [place for place, found in enumerate(turns) if found == number]
        for first, second in pairwise(places):
            between = turns[first + 1 : second]
            waiting = [other for other in range(len(counts)) if other != number and other in turns[second:]]
            assert set(waiting) <= set(between)
