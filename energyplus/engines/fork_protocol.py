"""What a worker and its fork server say to each other: a request goes out, how the case ended comes back.

Both ends of this protocol are of one version, since one starts the other: messages are JSON, a packet each. On the
control socket the worker sends a request together with one end of a socket made for that case; on that socket the
server tells what becomes of the case. Closing the other end, or shutting it down for writing, has the case killed.
"""

import json
import socket
from dataclasses import asdict, dataclass
from typing import Any

from energyplus.engines.engine import SandboxMode

_LARGEST_PACKET_BYTES = 128 * 1024


@dataclass(frozen=True)
class CaseRequest:
    """One run, as the server is told of it.

    Attributes:
        model: IDF in the run folder, an absolute path.
        weather: EPW file, an absolute path.
        run_folder: where it runs and may write, an absolute path.
        console: the file that gets its standard output and error, an absolute path.
        sandbox: "enforced" or "trusted".
        cpu_s: processor time it may use, s.
        memory_limit_bytes: address space it may have, bytes.
        largest_file_bytes: limit on any one file, bytes.
    """

    model: str
    weather: str
    run_folder: str
    console: str
    sandbox: SandboxMode
    cpu_s: int
    memory_limit_bytes: int
    largest_file_bytes: int


@dataclass(frozen=True)
class CaseEnd:
    """How a case ended, as the server tells it.

    Attributes:
        wait_status: as `os.wait4` gives it.
        cpu_s: processor time, user and system, s.
        peak_memory_bytes: largest resident memory, bytes.
        refusal: why this machine cannot run it, "" for a case that ran.
    """

    wait_status: int
    cpu_s: float
    peak_memory_bytes: int
    refusal: str


def send_request(control: socket.socket, request: CaseRequest, case: socket.socket) -> None:
    """Ask for a case; the server gets a copy of `case`.

    Raises:
        OSError: the server is gone.
    """
    socket.send_fds(control, [json.dumps(asdict(request)).encode()], [case.fileno()], socket.MSG_NOSIGNAL)


def receive_request(control: socket.socket) -> tuple[CaseRequest, socket.socket] | None:
    """Take the next request and the socket of its case; None when the worker is gone."""
    packet, descriptors, _flags, _address = socket.recv_fds(control, _LARGEST_PACKET_BYTES, 1)
    if not packet:
        return None
    return CaseRequest(**json.loads(packet)), socket.socket(fileno=descriptors[0])


def send_word(channel: socket.socket, word: str, descriptors: tuple[int, ...] = (), **facts: Any) -> None:
    """Tell the other side something; where nobody listens any more, nothing happens."""
    packet = json.dumps({"word": word, **facts}).encode()
    try:
        if descriptors:
            socket.send_fds(channel, [packet], list(descriptors), socket.MSG_NOSIGNAL)
        else:
            channel.send(packet, socket.MSG_NOSIGNAL)
    except OSError:
        return


def receive_word(channel: socket.socket) -> tuple[str, dict[str, Any], list[int]] | None:
    """Take the next word, its facts and the descriptors that came with it; None when the other side is gone."""
    try:
        packet, descriptors, _flags, _address = socket.recv_fds(channel, _LARGEST_PACKET_BYTES, 1)
    except ConnectionError:
        return None
    if not packet:
        return None
    facts = json.loads(packet)
    return facts.pop("word"), facts, descriptors
