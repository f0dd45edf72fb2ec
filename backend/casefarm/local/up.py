"""The sequence of `casefarm up` and `make run`: start the farm, run the sample, show its table, serve until Ctrl-C.

Enters: a home and the path of the sample. Leaves: an exit status. Called by `cli`.
"""

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

from casefarm.client import Batch, Client
from casefarm.environment import LOOPBACK, find_home, read_environment
from casefarm.errors import CasefarmError
from casefarm.local.caller import Caller
from casefarm.local.celery import FLOWER_USER, read_flower_password
from casefarm.local.home import Home
from casefarm.local.stack import LocalStack
from casefarm.problems import ServiceRefused
from casefarm.progress import describe_trouble

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "warehouse-envelope.yaml"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GOES_ON = frozenset({"queued", "expanding", "running", "aggregating", "completed"})


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent a signal; like KeyboardInterrupt no error, and never to be swallowed."""


@dataclass(frozen=True)
class UpOptions:
    """What `casefarm up` was asked for.

    Attributes:
        sample: the sample study, None for none.
        simulates: whether this machine runs cases itself; otherwise they wait for `casefarm worker` on others.
        flower: whether Celery's own pages are served, too.
    """

    sample: Path | None
    simulates: bool = True
    flower: bool = False


def say(text: str) -> None:
    """Print a line at once; a terminal that has gone away does not stop the farm."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def run_up(options: UpOptions) -> int:
    """Run the farm until a signal; return the exit status.

    Raises:
        CasefarmError: when it does not start. Nothing that was started is left running.
    """
    environment = read_environment() | ({"CASEFARM_FLOWER": "1"} if options.flower else {})
    started = time.monotonic()
    stack = LocalStack(Home(find_home(environment)), environment, say, simulates=options.simulates)
    caller = Caller()

    def tend() -> None:
        stack.tend()
        if caller.wants_stop():
            raise StopRequested

    try:
        with raise_on_signals():
            say(f"Starting Casefarm in {stack.home.path}")
            stack.start()
            say(f"Ready after {time.monotonic() - started:.1f} s at {stack.url}")
            _show_login(stack)
            batch = _run_sample(stack, options.sample, tend) if options.sample else None
            _say_address(stack, batch)
            serve(tend)
    except StopRequested:
        say("\nStopping…")
    finally:
        stop_stack(stack)
    say(f"Stopped. Everything is kept in {stack.home.path}")
    return 0


@contextlib.contextmanager
def raise_on_signals() -> Iterator[None]:
    """Turn the first stop signal into `StopRequested` in the main thread."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise StopRequested

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    yield


def stop_stack(stack: LocalStack) -> None:
    """Stop everything; a second Ctrl-C kills web and workers, which only hastens the end."""
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stack.kill())
    stack.stop()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def serve(tend: Callable[[], None]) -> None:
    """Keep the farm running until a signal."""
    while True:
        tend()
        time.sleep(0.2)


def _run_sample(stack: LocalStack, path: Path, tend: Callable[[], None]) -> Batch | None:
    """Run the sample study, or show the table of the run that is there; a failure is said and the farm goes on."""
    client = Client(stack.url, Path(stack.user["token_path"]).read_text(encoding="utf-8").strip())
    try:
        batch = _find_sample(stack, client, path) or _submit_sample(stack, client, path)
        batch.wait(meanwhile=tend)
        show_results(batch)
    except CasefarmError as error:
        say(f"The sample {path} did not run: {error}")
        return None
    return batch


def _find_sample(stack: LocalStack, client: Client, path: Path) -> Batch | None:
    """Return the batch of the same sample in this home, unless it is gone, failed or was cancelled."""
    remembered: dict[str, str] = stack.home.recall("sample", {})
    if remembered.get("sha256") != _digest(path):
        return None
    batch = client.batch(remembered["batch"])
    try:
        state = batch.refresh()["state"]
    except ServiceRefused as error:
        if error.status != 404:
            raise
        return None
    return batch if state in GOES_ON else None


def _submit_sample(stack: LocalStack, client: Client, path: Path) -> Batch:
    batch = client.submit(path)
    stack.home.remember("sample", {"sha256": _digest(path), "batch": batch.id})
    study = batch.refresh()
    say(f"\nSample study “{study['name']}” ({path.name}): {study['progress']['total']} cases")
    return batch


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CasefarmError(f"{path}: {error.strerror}") from error


def show_results(batch: Batch) -> None:
    """Print a finished batch's table, or why there is none."""
    from casefarm.display import print_results  # pandas: not before a table is there to be shown

    last: dict[str, Any] = batch.last
    if last["state"] == "completed":
        say("")
        print_results(batch.results(), batch.columns(), last["name"])
        if trouble := describe_trouble(last):
            say(f"{trouble}: the page of the batch says why, case by case")
    else:
        error = last.get("error")
        say(f"Batch {batch.id} is {last['state']}" + (f": {json.dumps(error)}" if error else ""))


def _show_login(stack: LocalStack) -> None:
    user = stack.user
    password = user["password"] or "(the one you chose)"
    say(f"Log in as {user['username']} with password {password}")
    say(f"API token: {user['token_path']}")
    if stack.flower_url:
        say(f"Flower: {stack.flower_url}/ – log in as {FLOWER_USER} with password {read_flower_password(stack.home)}")


def _say_address(stack: LocalStack, batch: Batch | None) -> None:
    if batch is not None:
        say(f"\nThis batch: {stack.url}/batches/{batch.id}")
    if stack.listen != LOOPBACK:
        say(f"Other machines join with: casefarm worker --join join.env (a copy of {stack.home.path / 'join.env'})")
    say(f"Casefarm serves at {stack.url}/ – Ctrl-C stops it")
