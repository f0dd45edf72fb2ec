"""Groups of parameters that move together: known names, each once, value by value."""

from collections.abc import Iterator, Mapping

from studies.checks.drafts import ParameterDraft, StudyDraft
from studies.problems import Problem, make_problem, nearest_names


def check_linked(draft: StudyDraft, problems: list[Problem]) -> None:
    """Check the groups of a study."""
    if draft.linked and draft.method == "table":
        message = "Leave `linked` out: the rows of the table say what goes with what."
        problems.append(make_problem("linked", message, None, "no `linked`"))
        return
    known = {parameter.name: parameter for parameter in draft.parameters if parameter.name is not None}
    taken: dict[str, str] = {}
    for group in draft.linked:
        members = list(_find_members(group, known, taken, problems))
        problems.extend(_compare_lists(members, draft))


def group_dimensions(draft: StudyDraft) -> list[list[ParameterDraft]]:
    """Return the dimensions of a design in the study's order: a parameter each, or a group of linked ones."""
    groups = [set(group.values()) for group in draft.linked]
    dimensions: list[list[ParameterDraft]] = []
    by_group: dict[int, list[ParameterDraft]] = {}
    for parameter in draft.parameters:
        if parameter.is_derived:
            continue
        number = next((i for i, names in enumerate(groups) if parameter.name in names), None)
        if number is None or number not in by_group:
            dimensions.append([parameter])
            if number is not None:
                by_group[number] = dimensions[-1]
        else:
            by_group[number].append(parameter)
    return dimensions


def _find_members(
    group: Mapping[str, str], known: Mapping[str, ParameterDraft], taken: dict[str, str], problems: list[Problem]
) -> Iterator[tuple[str, ParameterDraft]]:
    for path, name in group.items():
        parameter = known.get(name)
        if parameter is None:
            message = f"There is no parameter `{name}`; write the names of parameters."
            problems.append(make_problem(path, message, name, nearest_names(name, known)))
        elif name in taken:
            message = f"Leave it out: `{name}` stands at {taken[name]} already; a parameter moves with one group."
            problems.append(make_problem(path, message, name, "each parameter once"))
        elif parameter.is_derived:
            message = f"Leave it out: `{name}` is derived and follows its expression."
            problems.append(make_problem(path, message, name, "a parameter that is not derived"))
        else:
            taken[name] = path
            yield path, parameter


def _compare_lists(members: list[tuple[str, ParameterDraft]], draft: StudyDraft) -> Iterator[Problem]:
    """Refuse members that have no value for each of the others' values."""
    counted = [(path, p, count) for path, p in members if (count := count_levels(p, draft)) is not None]
    weighted = [(path, p) for path, p, _count in counted if p.weights]
    for path, parameter, count in counted[1:]:
        _first_path, first, wanted = counted[0]
        if count != wanted:
            message = (
                f"Give `{parameter.name}` as many values as `{first.name}`, with which it moves value by value: it has"
                f" {_show(count)}, the other {_show(wanted)}."
            )
            yield make_problem(path, message, parameter.name, _show(wanted))
    for path, parameter in weighted[1:]:
        if parameter.weights != weighted[0][1].weights:
            message = f"Give `{parameter.name}` and `{weighted[0][1].name}` the same `weights`: they move together."
            yield make_problem(path, message, parameter.name, "the same weights")


def count_levels(parameter: ParameterDraft, draft: StudyDraft) -> int | None:
    """Return how many values a parameter takes in the design: 0 for any of a range, None where that is not known."""
    if not parameter.is_continuous:
        return parameter.level_count
    if draft.method == "one_at_a_time":
        return int(draft.design.fields.get("levels") or 2)
    return int(draft.design.fields.get("levels") or 0) if draft.method == "grid" else 0


def _show(count: int) -> str:
    return f"{count:,} values" if count else "a range"
