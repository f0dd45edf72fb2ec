"""What the filters of both architectures answer, run on an interpreter; and that this kernel takes ours."""

import re
from pathlib import Path

import pytest

from energyplus.errors import SandboxError
from energyplus.sandbox import allowed, bpf
from energyplus.sandbox.kernel import MACHINES, Machine
from energyplus.sandbox.policy import SandboxPolicy
from energyplus.sandbox.seccomp import ALLOW, DENY, DONE, KILL, UNKNOWN, UNSUPPORTED, build_filter
from energyplus.sandbox.syscalls import NEWEST, NUMBERS
from tests.engine.sandbox.machine import judge
from tests.engine.sandbox.sealed import policy_for

PID = 4711
EXEC, READ_WRITE = 0x4, 0x3
THREAD, VM, SIGCHLD = 0x10000, 0x100, 17
NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
ENGINE = policy_for(Path("/run"))
PROGRAM = policy_for(Path("/run"), may_execute=(Path("/program"),))
FORKING = policy_for(Path("/run"), may_execute=(Path("/program"),), may_fork=True)
KINDS = {
    "engine": (ENGINE, allowed.ENGINE),
    "program": (PROGRAM, allowed.PROGRAM),
    "forking": (FORKING, allowed.FORKING),
}

# Arguments with which a call that is allowed on a condition is allowed, where all zeros are not.
GOOD_ARGUMENTS = {
    "kill": (PID,),
    "tgkill": (PID,),
    "ioctl": (0, 0x5401),
    "prctl": (15,),
    "arch_prctl": (0x1002,),
    "clone": (THREAD | VM,),
}

machines = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def ask(machine: Machine, policy: SandboxPolicy, name: str, *arguments: int) -> int:
    number = NUMBERS[name][machine.column]
    assert number is not None
    return judge(build_filter(machine, policy, PID), machine.audit_arch, number, *arguments)


def known(machine: Machine, *names: str) -> list[str]:
    return [name for name in names if NUMBERS[name][machine.column] is not None]


@machines
@pytest.mark.parametrize("kind", KINDS)
def test_every_call_is_answered_as_its_list_says(machine: Machine, kind: str) -> None:
    policy, names = KINDS[kind]
    for name in known(machine, *NUMBERS):
        expected = ALLOW if name in names else UNKNOWN if name in allowed.MISSING else DENY
        if policy.may_execute and name in allowed.PRETENDED:
            expected = DONE
        if name in allowed.UNSUPPORTED:
            expected = UNSUPPORTED
        assert ask(machine, policy, name, *GOOD_ARGUMENTS.get(name, ())) == expected, name


@machines
def test_numbers_that_the_table_does_not_have_are_refused(machine: Machine) -> None:
    program = build_filter(machine, ENGINE, PID)
    named = {numbers[machine.column] for numbers in NUMBERS.values()}
    for number in set(range(NEWEST + 1)) - named:
        assert judge(program, machine.audit_arch, number) == DENY


@machines
def test_calls_newer_than_the_table_are_unknown_to_the_kernel(machine: Machine) -> None:
    program = build_filter(machine, ENGINE, PID)
    assert {judge(program, machine.audit_arch, number) for number in (NEWEST + 1, NEWEST + 50, 4000)} == {UNKNOWN}


@machines
@pytest.mark.parametrize("policy", [ENGINE, PROGRAM, FORKING], ids=KINDS)
def test_a_call_in_the_manner_of_another_architecture_ends_the_process(machine: Machine, policy: SandboxPolicy) -> None:
    program = build_filter(machine, policy, PID)
    others = {0x40000003, 0x40000028} | {other.audit_arch for other in MACHINES.values()} - {machine.audit_arch}
    assert {judge(program, other, number) for other in others for number in range(500)} == {KILL}


@pytest.mark.parametrize("policy", [ENGINE, PROGRAM, FORKING], ids=KINDS)
def test_a_call_in_the_manner_of_x32_ends_the_process(policy: SandboxPolicy) -> None:
    machine = MACHINES["x86_64"]
    program = build_filter(machine, policy, PID)
    assert {judge(program, machine.audit_arch, 0x40000000 | number) for number in range(600)} == {KILL}


@machines
@pytest.mark.parametrize("name", ["mmap", "mprotect"])
@pytest.mark.parametrize("extra", [0, READ_WRITE, 1 << 40])
def test_executable_memory_is_for_programs_only(machine: Machine, name: str, extra: int) -> None:
    assert ask(machine, ENGINE, name, 0, 4096, EXEC | extra) == DENY
    assert ask(machine, ENGINE, name, 0, 4096, extra) == ALLOW
    assert ask(machine, PROGRAM, name, 0, 4096, EXEC | extra) == ALLOW


@machines
def test_clone_makes_threads_for_programs_and_processes_for_those_that_may_fork(machine: Machine) -> None:
    assert ask(machine, ENGINE, "clone", THREAD | VM) == DENY
    assert (ask(machine, PROGRAM, "clone", THREAD | VM), ask(machine, PROGRAM, "clone", SIGCHLD)) == (ALLOW, DENY)
    assert (ask(machine, FORKING, "clone", THREAD | VM), ask(machine, FORKING, "clone", SIGCHLD)) == (ALLOW, ALLOW)


@machines
@pytest.mark.parametrize("namespace", NAMESPACES, ids=hex)
def test_clone_makes_no_namespaces(machine: Machine, namespace: int) -> None:
    for policy in (PROGRAM, FORKING):
        assert ask(machine, policy, "clone", namespace | THREAD | VM) == DENY
        assert ask(machine, policy, "clone", namespace | SIGCHLD) == DENY


@machines
@pytest.mark.parametrize("name", ["kill", "tgkill"])
@pytest.mark.parametrize("other", [1, PID + 1, 0, -1, -PID])
def test_a_process_signals_only_itself(machine: Machine, name: str, other: int) -> None:
    for policy in (ENGINE, PROGRAM, FORKING):
        assert ask(machine, policy, name, PID) == ALLOW
        assert ask(machine, policy, name, other) == DENY


@machines
@pytest.mark.parametrize("pointer", [1, 0x7FFF00000000, 1 << 32], ids=hex)
def test_limits_can_be_asked_for_but_not_set(machine: Machine, pointer: int) -> None:
    assert ask(machine, ENGINE, "prlimit64", 0, 7, 0, 0x1000) == ALLOW
    assert ask(machine, ENGINE, "prlimit64", 0, 7, pointer, 0) == DENY


@machines
def test_a_file_opened_for_reading_is_not_emptied(machine: Machine) -> None:
    read_only, write_only, read_write, neither, create, truncate = 0, 1, 2, 3, 0o100, 0o1000
    for name, place in (("openat", 2), ("open", 1)):
        for call in known(machine, name):
            before = [0] * place
            assert ask(machine, ENGINE, call, *before, read_only | truncate) == DENY
            assert ask(machine, ENGINE, call, *before, read_only | create) == ALLOW
            assert ask(machine, ENGINE, call, *before, write_only | create | truncate) == ALLOW
            assert ask(machine, ENGINE, call, *before, read_write | create | truncate) == ALLOW
            assert ask(machine, ENGINE, call, *before, neither | truncate) == DENY
            assert ask(machine, ENGINE, call, *before, neither) == DENY


@machines
@pytest.mark.parametrize(
    ("name", "place", "refused"),
    [
        (
            "fcntl",
            1,
            (8, 10, 15, 1024, 1026, 1031),
        ),  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ
        ("ioctl", 1, (0x5412, 0x541B, 0x5452)),  # TIOCSTI, FIONREAD, FIOASYNC
        ("prctl", 0, (1, 4, 22, 31, 38)),
        ("arch_prctl", 0, (0x1001, 0x1012, 0x3001)),
        ("sched_setaffinity", 0, (1, PID)),
    ],
)
def test_requests_that_are_not_listed_are_refused(
    machine: Machine, name: str, place: int, refused: tuple[int, ...]
) -> None:
    for call in known(machine, name):
        assert {ask(machine, FORKING, call, *[0] * place, request) for request in refused} == {DENY}


def test_a_jump_longer_than_the_machine_can_make_is_refused() -> None:
    with pytest.raises(ValueError, match="256 instructions"):
        bpf.if_equal(1, bpf.answer(0) * 256)


@pytest.mark.parametrize("name", ["riscv64", "i686", ""])
def test_an_unknown_machine_is_refused_with_what_can_be_done(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: name)
    from energyplus.sandbox.kernel import find_machine

    with pytest.raises(SandboxError, match=r"only x86-64 and aarch64.*CASEFARM_SANDBOX=trusted"):
        find_machine()


@pytest.mark.parametrize(
    ("header", "column"),
    [("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 0), ("/usr/include/asm-generic/unistd.h", 1)],
)
def test_the_table_agrees_with_the_kernels_headers(header: str, column: int) -> None:
    if not Path(header).is_file():
        pytest.skip("the kernel's headers are not installed")
    text = Path(header).read_text()
    found = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\n", text)}
    found |= {"newfstatat": found["fstatat"]} if "fstatat" in found else {}
    ours = {name: numbers[column] for name, numbers in NUMBERS.items()}
    assert {name: number for name, number in ours.items() if number != found.get(name)} == {}
