"""A whole farm with batches of a thousand to a million cases: expansion, memory, broker, and how quickly it answers.

`casefarm up` in a throw-away home, with a worker whose engine does nothing (`noop_engine`), so that what is left is the
farm. Of each batch at most RUN_AT_MOST cases are run, then it is cancelled; the same reads are timed while it runs and
when nothing does.
`python tests/benchmarks/farm_scale.py [CASES …]`; prints two tables.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
from redis import Redis

from tests.benchmarks.nothing import declare_nothing, study_of_nothing

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RUN_AT_MOST = 5_000
READS = 200
SAMPLE_EVERY_S = 0.25
START_LIMIT_S = 120.0
READ_PATHS = {
    "status": "/api/batches/{id}/",
    "list": "/api/batches/",
    "page": "/api/batches/{id}/cases/?page_size=100",
    "failed": "/api/batches/{id}/cases/?page_size=100&state=failed",
}


@dataclass
class Farm:
    """A running farm: a client, and its processes by name."""

    http: httpx.Client
    processes: dict[str, psutil.Process]
    broker: Redis


@contextmanager
def run_farm(*, does_nothing: bool = False, **settings: str) -> Iterator[Farm]:
    """Start `casefarm up` in a throw-away home, give it, stop it.

    Args:
        does_nothing: whether its cases are run by a worker of this benchmark's, with an engine that does nothing.
        settings: further settings.
    """
    with tempfile.TemporaryDirectory(prefix="casefarm-bench-") as folder, ExitStack() as stack:
        home, log = Path(folder) / "home", Path(folder) / "up.log"
        environment = {**os.environ, "CASEFARM_HOME": str(home), "CASEFARM_PORT": "0", "CASEFARM_LOG_LEVEL": "WARNING"}
        environment |= {"CASEFARM_PROGRAMS": str(declare_nothing(Path(folder) / "programs")), **settings}
        command = [sys.executable, "-m", "casefarm.cli", "up", "--sample", ""]
        with log.open("wb") as output:
            up = subprocess.Popen(
                [*command, "--no-simulate"] if does_nothing else command,
                env=environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        stack.callback(end_process, up)
        wait_until(lambda: up.poll() is not None or b"Ctrl-C stops it" in log.read_bytes(), START_LIMIT_S)
        assert up.poll() is None, log.read_text()
        processes = name_processes(up.pid)
        if does_nothing:
            worker = start_idle_worker(processes["web"].environ())
            stack.callback(end_process, worker)
            processes["simulation worker"] = psutil.Process(worker.pid)
        broker = stack.enter_context(Redis.from_url(processes["web"].environ()["REDIS_URL"]))
        url, token = (home / "run" / "url").read_text().strip(), (home / "token").read_text().strip()
        http = httpx.Client(base_url=url, headers={"Authorization": f"Token {token}"}, timeout=120)
        yield Farm(stack.enter_context(http), processes, broker)


def start_idle_worker(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a worker whose engine does nothing."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "-n", "nothing@%h", "-c", "4", "-Q", "simulations"]
    path = os.pathsep.join(["backend", "."])
    return subprocess.Popen(
        [*command, "--include", "tests.benchmarks.noop_engine"], env={**environment, "PYTHONPATH": path}
    )


def end_process(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end, and wait for it."""
    process.send_signal(signal.SIGTERM)
    process.wait(90)


def name_processes(pid: int) -> dict[str, psutil.Process]:
    """Return the processes of a farm by what they are."""
    words = {"web": "uvicorn", "simulation worker": "simulations", "maintenance worker": "maintenance", "beat": "beat"}
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        line = " ".join(process.cmdline())
        for name, word in words.items():
            if word in line and name not in found and "python" in line:
                found[name] = process
        if "valkey-server" in line:
            found["Valkey"] = process
    return found


def wait_until(condition: Callable[[], Any], limit_s: float = 3600.0) -> float:
    """Return after how many seconds a condition holds."""
    started = monotonic()
    while not condition():
        assert monotonic() - started < limit_s, "the benchmark waits for something that does not happen"
        sleep(0.02)
    return monotonic() - started


@dataclass
class Peaks:
    """The largest sizes seen while a block ran: resident memory by process, and what the broker holds; MB."""

    farm: Farm
    found: dict[str, float] = field(default_factory=dict)

    def watch(self, ended: Event) -> None:
        """Look again and again until the block has ended."""
        while not ended.wait(SAMPLE_EVERY_S):
            self.look()

    def look(self) -> None:
        """Take one look."""
        sizes = {name: process.memory_info().rss / 1e6 for name, process in self.farm.processes.items()}
        sizes["broker's data"] = self.farm.broker.info("memory")["used_memory"] / 1e6
        for name, size in sizes.items():
            self.found[name] = max(size, self.found.get(name, 0.0))


@contextmanager
def watch_peaks(farm: Farm) -> Iterator[Peaks]:
    """Watch the farm's memory while the block runs."""
    peaks, ended = Peaks(farm), Event()
    thread = Thread(target=peaks.watch, args=(ended,))
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def time_reads(farm: Farm, batch_id: str) -> dict[str, tuple[float, float]]:
    """Return median and 99th percentile of each read, ms."""
    seconds: dict[str, list[float]] = {name: [] for name in READ_PATHS}
    for _ in range(READS):
        for name, path in READ_PATHS.items():
            started = monotonic()
            farm.http.get(path.format(id=batch_id)).raise_for_status()
            seconds[name].append(monotonic() - started)
    return {
        name: (1000 * median(found), 1000 * sorted(found)[int(0.99 * len(found))]) for name, found in seconds.items()
    }


@dataclass
class Measured:
    """What was seen of one batch."""

    cases: int
    submit_ms: float
    expand_s: float
    cases_per_s: float
    peaks: dict[str, float]
    loaded: dict[str, tuple[float, float]]
    idle: dict[str, tuple[float, float]]


def measure(farm: Farm, cases: int, lowest: float) -> Measured:
    """Submit a batch, run some of it, cancel it."""

    def show() -> dict[str, Any]:
        return farm.http.get(f"/api/batches/{batch_id}/").raise_for_status().json()

    with watch_peaks(farm) as peaks:
        started = monotonic()
        batch_id = farm.http.post("/api/batches/", json=study_of_nothing(cases, lowest)).raise_for_status().json()["id"]
        submit_ms = 1000 * (monotonic() - started)
        expand_s = wait_until(lambda: show()["state"] not in ("queued", "expanding"))
        began = monotonic()
        wait_until(lambda: show()["progress"]["finished"] >= min(cases, 500))
        loaded = time_reads(farm, batch_id)
        wait_until(lambda: show()["progress"]["finished"] >= min(cases, RUN_AT_MOST))
        cases_per_s = show()["progress"]["finished"] / (monotonic() - began)
        if cases > RUN_AT_MOST:
            farm.http.post(f"/api/batches/{batch_id}/cancel/").raise_for_status()
        wait_until(lambda: not show()["counts"]["running"])
    sleep(5)  # what closes the batch is done
    idle = time_reads(farm, batch_id)
    return Measured(cases, submit_ms, expand_s, cases_per_s, peaks.found, loaded, idle)


def main() -> None:
    """Print the tables."""
    sizes = [int(text) for text in sys.argv[1:]] or list(SIZES)
    with run_farm(does_nothing=True) as farm:
        measure(farm, 500, lowest=0.1)  # what every process does once
        found = [measure(farm, cases, lowest=float(number + 1)) for number, cases in enumerate(sizes)]
    names = list(found[0].peaks)
    print(f"| cases | submit, ms | expand, s | cases/s | {' | '.join(f'{name}, MB' for name in names)} |")
    print("|" + "--:|" * (4 + len(names)))
    for seen in found:
        sizes_mb = " | ".join(f"{seen.peaks[name]:.0f}" for name in names)
        print(f"| {seen.cases:,} | {seen.submit_ms:.0f} | {seen.expand_s:.2f} | {seen.cases_per_s:.0f} | {sizes_mb} |")
    print(f"\n| cases | {' | '.join(f'{name}: idle, p99; busy, p99 (ms)' for name in READ_PATHS)} |")
    print("|" + "--:|" * (1 + len(READ_PATHS)))
    for seen in found:
        pairs = [(seen.idle[name], seen.loaded[name]) for name in READ_PATHS]
        cells = [f"{idle[0]:.1f}, {idle[1]:.1f}; {busy[0]:.1f}, {busy[1]:.1f}" for idle, busy in pairs]
        print(f"| {seen.cases:,} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
