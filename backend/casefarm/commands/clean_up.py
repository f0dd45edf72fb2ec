"""`casefarm clean-up`: have old files removed, or say what would go."""

from time import sleep
from typing import Annotated, Any

import typer
from rich.table import Table

from casefarm.client import Client
from casefarm.errors import CasefarmError

LOOK_EVERY_S = 0.5
OPEN = frozenset({"waiting", "running"})


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("clean-up")(clean_up)


def clean_up(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say only what would go.")] = False,
) -> None:
    """Remove what is old, too much or nobody's, by the farm's settings; for administrators."""
    client = Client()
    report: dict[str, Any] = client.call("POST", "/api/clean-up/", json={"dry_run": dry_run}).json()
    while report["state"] in OPEN:
        sleep(LOOK_EVERY_S)
        report = client.call("GET", f"/api/clean-up/{report['id']}/").json()
    show_report(report)
    if report["state"] != "finished":
        raise CasefarmError(f"the clean-up failed: {report['error']}")


def show_report(report: dict[str, Any]) -> None:
    """Print what went by rule, then the first items."""
    from casefarm.display import make_console

    console = make_console()
    verb = "would go" if report["dry_run"] else "went"
    if not report["counts"]:
        console.print(f"nothing {verb}")
        return
    rules = Table("rule", "items", "MB", title=f"What {verb}")
    for count in report["counts"]:
        rules.add_row(count["rule"], f"{count['items']:,}", f"{count['bytes'] / 1e6:,.1f}")
    console.print(rules)
    items = Table("rule", "what", "owner", "MB", "since", "why")
    for item in report["items"]:
        size = "" if item["size_bytes"] is None else f"{item['size_bytes'] / 1e6:,.1f}"
        since = (item["since"] or "")[:10]
        items.add_row(item["rule"], item["name"] or item["id"][:36], item["owner"], size, since, item["why"])
    console.print(items)
    if report["spared"]:
        console.print(f"{report['spared']:,} more were spared: somebody needed them by then")
