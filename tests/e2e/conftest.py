"""Real Chromium for tests: one browser for a file, a fresh profile for each, somebody logged in where asked for."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.farm import Farm

CHROMIUM = Path(os.environ.get("CASEFARM_CHROMIUM", "/usr/bin/chromium"))
PAGES = Path(__file__).resolve().parents[2] / "backend" / "pages" / "dist" / "index.html"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

Look = Callable[[str], None]


# Of a file, not of the session: Playwright keeps an event loop in this thread while it is open, and Django refuses
# to speak to the database beside one, in whatever test comes next.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    assert CHROMIUM.is_file(), f"there is no {CHROMIUM}: apt-get install chromium, or set CASEFARM_CHROMIUM to yours"
    assert PAGES.is_file(), "the pages are not built: npm ci && npm run build in frontend/"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, farm: Farm) -> Iterator[Page]:
    """Give a page in a fresh profile; a script error in it fails the test."""
    context = browser.new_context(base_url=farm.url, viewport={"width": 1360, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def look(page: Page, request: pytest.FixtureRequest) -> Look:
    """Give a way to take a picture for whoever asked by CASEFARM_SCREENSHOTS, a folder."""
    folder = os.environ.get("CASEFARM_SCREENSHOTS")
    test = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))

    def take(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{test}-{name}.png")

    return take


@dataclass(frozen=True)
class Person:
    """Somebody who uses the pages as a person does: by what is written on them."""

    page: Page
    farm: Farm

    def log_in(self) -> None:
        """Fill in the log-in page, which must be in view."""
        self.page.get_by_label("Username").fill(self.farm.username)
        self.page.get_by_role("textbox", name="Password").fill(self.farm.password)
        self.page.get_by_role("button", name="Log in").click()

    def choose(self, label: str, option: str) -> None:
        """Choose an entry of the library."""
        box = self.page.get_by_role("combobox", name=label)
        box.fill(option)
        self.page.get_by_role("option").filter(has=self.page.get_by_text(option, exact=True)).click()
        box.press("Escape")

    def add_parameter(self, class_name: str, field: str) -> Locator:
        """Browse to a field, add it, and return its card."""
        self.page.get_by_role("button", name="Add parameter").click()
        self.page.get_by_label("Search classes").fill(class_name)
        often = self.page.get_by_role("region", name="Often varied")
        often.get_by_role("button", name=class_name).first.click()
        self.page.get_by_role("button", name=f"Add {field}", exact=True).click()
        return self.page.get_by_role("group", name="Parameter").filter(has_text=f"{class_name} › {field}")

    def give_values(self, card: Locator, *values: str) -> None:
        """Type the values of a parameter."""
        box = card.get_by_role("combobox", name="Values")
        for value in values:
            box.fill(value)
            box.press("Enter")


@pytest.fixture
def person(page: Page, farm: Farm) -> Person:
    """Give somebody who has not logged in yet."""
    return Person(page, farm)
