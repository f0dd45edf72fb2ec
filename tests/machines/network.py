"""Several hosts on one machine: network namespaces on one switch, each host with its own name and its own disks.

A host is cut off by taking its cable out of the switch: what it has sent stays on its way, as between real machines.
What other hosts keep is hidden from a host's processes, so that nothing is shared but the network. Needs root.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NETWORKS = [f"10.77.{number}" for number in range(256)]
DESK = 254  # where the test itself sits, in the network
OWN_NAME = re.compile(r"cf(\d+)-")  # what is made here begins so, with the process that made it


def execute(*argv: str) -> None:
    """Run a command of the network to its end."""
    subprocess.run(argv, check=True, capture_output=True)


@dataclass
class Host:
    """One host: its name, its address, the folder that is its disk, and the processes started on it."""

    name: str
    address: str
    disk: Path
    hidden: tuple[Path, ...]
    namespace: str
    switch: str
    cable: str
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def enter(self) -> tuple[str, ...]:
        """The command that runs another one on this host's network."""
        return ("ip", "netns", "exec", self.namespace)

    def start(self, argv: Sequence[str], environment: Mapping[str, str], log: str) -> "subprocess.Popen[bytes]":
        """Start a command on this host; it leads a session of its own."""
        hide = "".join(f"mount -t tmpfs none '{folder}' && " for folder in self.hidden)
        enter = [*self.enter, "unshare", "--mount", "--uts", "--propagation", "private"]
        script = f"{hide}hostname {self.name} && cd '{self.disk}' && exec \"$@\""
        with (self.disk / log).open("ab") as output:
            process = subprocess.Popen(
                [*enter, "sh", "-c", script, "sh", *argv],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def cut_off(self) -> None:
        """Take the host's cable out of the switch."""
        execute("ip", "-n", self.switch, "link", "set", self.cable, "down")

    def connect(self) -> None:
        """Put the cable back."""
        execute("ip", "-n", self.switch, "link", "set", self.cable, "up")

    def kill(self) -> None:
        """Kill everything that runs on the host at once, as a power cut would."""
        kill_all_in(self.namespace)
        for process in self.processes:
            process.wait(30)


@contextmanager
def make_network(folder: Path, names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Give hosts on one switch; afterwards nothing of them is left.

    Args:
        folder: gets a folder per host.
        names: of the hosts; the n-th has the address n of a network that nobody has on this machine.
    """
    remove_leftovers()
    network = find_free_network()
    tag = f"cf{os.getpid()}"
    switch = f"{tag}-switch"
    disks = {name: folder / name for name in names}
    hosts = {}
    try:
        execute("ip", "netns", "add", switch)
        execute("ip", "-n", switch, "link", "add", "bridge", "type", "bridge")
        execute("ip", "-n", switch, "link", "set", "bridge", "up")
        lay_cable(switch, f"{tag}-desk", f"{network}.{DESK}")
        for number, name in enumerate(names, start=1):
            disks[name].mkdir(parents=True)
            others = tuple(disk for other, disk in disks.items() if other != name)
            hosts[name] = Host(
                name, f"{network}.{number}", disks[name], others, f"{tag}-{name}", switch, f"{tag}-{number}"
            )
            plug_in(hosts[name])
        yield hosts
    finally:
        for host in hosts.values():
            host.kill()
            subprocess.run(["ip", "netns", "del", host.namespace], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", switch], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", f"{tag}-desk"], check=False, capture_output=True)


def remove_leftovers() -> None:
    """Remove what a test left that was killed: its addresses would take the packets of this one."""
    for listed, remove in (("netns", ("ip", "netns", "del")), ("link", ("ip", "link", "del"))):
        shown = subprocess.run(["ip", "-o", listed, "show"], check=True, capture_output=True, text=True).stdout
        for name in re.findall(r"\bcf\d+-\w+", shown):
            owner = OWN_NAME.match(name)
            if owner and not Path("/proc", owner[1]).exists():
                if listed == "netns":
                    kill_all_in(name)
                subprocess.run([*remove, name], check=False, capture_output=True)


def kill_all_in(namespace: str) -> None:
    """Kill every process of a namespace."""
    found = subprocess.run(["ip", "netns", "pids", namespace], check=False, capture_output=True, text=True).stdout
    for pid in found.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            continue


def find_free_network() -> str:
    """Return the first three numbers of a network in which this machine has no address."""
    shown = subprocess.run(["ip", "-o", "-4", "addr", "show"], check=True, capture_output=True, text=True).stdout
    return next(network for network in NETWORKS if f" {network}." not in shown)


def lay_cable(switch: str, name: str, address: str) -> None:
    """Lay a cable from the switch to where this process is."""
    execute("ip", "-n", switch, "link", "add", "desk", "type", "veth", "peer", "name", name, "netns", str(os.getpid()))
    execute("ip", "-n", switch, "link", "set", "desk", "master", "bridge", "up")
    execute("ip", "addr", "add", f"{address}/24", "dev", name)
    execute("ip", "link", "set", name, "up")


def plug_in(host: Host) -> None:
    """Make a host's namespace and lay its cable to the switch."""
    execute("ip", "netns", "add", host.namespace)
    execute("ip", "-n", host.namespace, "link", "set", "lo", "up")
    peer = ("peer", "name", "eth0", "netns", host.namespace)
    execute("ip", "-n", host.switch, "link", "add", host.cable, "type", "veth", *peer)
    execute("ip", "-n", host.switch, "link", "set", host.cable, "master", "bridge", "up")
    execute("ip", "-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
    execute("ip", "-n", host.namespace, "link", "set", "eth0", "up")
