"""Each mistake of the table is told once, where it stands, in words that say what to do; the page shows the same."""

import pytest

from tests.studies.mistakes import PAGE, Mistake, list_mistakes, write_page


@pytest.mark.parametrize("mistake", list_mistakes(), ids=lambda mistake: f"{mistake.section}: {mistake.what}")
def test_a_mistake_gets_its_one_message(mistake: Mistake) -> None:
    told = [(problem.path, problem.message) for problem in mistake.find_problems()]
    assert told == [(mistake.path, mistake.message)]


@pytest.mark.parametrize("mistake", list_mistakes(), ids=lambda mistake: f"{mistake.section}: {mistake.what}")
def test_a_message_is_a_sentence_with_what_is_accepted(mistake: Mistake) -> None:
    (problem,) = mistake.find_problems()
    assert problem.message[0].isupper()
    assert problem.message.endswith((".", "?"))
    assert problem.accepted


def test_the_table_covers_the_language_with_sixty_mistakes_and_more() -> None:
    assert len(list_mistakes()) >= 60
    assert len({(mistake.section, mistake.what) for mistake in list_mistakes()}) == len(list_mistakes())


def test_the_page_of_mistakes_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), (
        "run: python -m tests.studies.mistakes > docs/reference/mistakes.md"
    )
