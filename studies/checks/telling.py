"""What was found in each model in, one list for the reader out: each thing once, in the document's order."""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from studies.checks.fields import Note
from studies.problems import Problem, count_of, list_names, make_problem

MAX_TOLD = 200

_Told = TypeVar("_Told", Problem, Note)


def tell_once(found: Mapping[str, Sequence[_Told]]) -> Iterator[_Told]:
    """Tell what was found in several models once; name the models where it is not so in all of them.

    Args:
        found: Problems or notes by the model's reference.
    """
    merged: dict[tuple[str, str], tuple[_Told, list[str]]] = {}
    for ref, entries in found.items():
        for entry in entries:
            merged.setdefault((entry.path, entry.message), (entry, []))[1].append(ref)
    for entry, refs in merged.values():
        if len(refs) == len(found):
            yield entry
        else:
            models = f"model{'s' if len(refs) > 1 else ''} {list_names(refs)}"
            yield dataclasses.replace(entry, message=f"{entry.message.removesuffix('.')} ({models}).")


def sort_problems(problems: Sequence[Problem], document: Mapping[str, Any]) -> list[Problem]:
    """Put problems in the document's order and cap their number: nobody reads more."""
    order = {key: position for position, key in enumerate(document)}

    def rank(problem: Problem) -> tuple[int, list[int]]:
        head = problem.path.split(".")[0].split("[")[0]
        numbers = [int(number) for number in re.findall(r"\[([0-9]{1,9})\]", problem.path)]
        return order.get(head, len(order)), numbers

    ordered = sorted(problems, key=rank)
    if len(ordered) > MAX_TOLD:
        left_out = count_of(len(ordered) - MAX_TOLD, "more problem")
        ordered = [*ordered[:MAX_TOLD], make_problem("", f"Mend these first; {left_out} not listed.", None, None)]
    return ordered


def cap_notes(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Cap the number of notes and say how many are left out."""
    if len(notes) <= MAX_TOLD:
        return tuple(notes)
    return (*notes[:MAX_TOLD], Note("", f"{count_of(len(notes) - MAX_TOLD, 'more note')} not listed."))
