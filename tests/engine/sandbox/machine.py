"""A small interpreter of the kernel's classic BPF machine: what a filter answers, without such a processor."""

import struct

from energyplus.sandbox.bpf import ANSWER, IF_ANY_BIT, IF_AT_LEAST, IF_EQUAL, LOAD, Program

MOST_INSTRUCTIONS = 4096  # BPF_MAXINSNS


def judge(program: Program, architecture: int, number: int, *arguments: int) -> int:
    """Return the filter's answer for a call, as `struct seccomp_data` describes it."""
    words = [argument & (1 << 64) - 1 for argument in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack("<iIQ6Q", number, architecture, 0, *words)
    assert len(program) <= MOST_INSTRUCTIONS
    accumulator = place = 0
    while True:
        step = program[place]
        place += 1
        match step.code:
            case code if code == LOAD:
                accumulator = int.from_bytes(data[step.operand : step.operand + 4], "little")
            case code if code == ANSWER:
                return step.operand
            case code if code in (IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT):
                holds = {
                    IF_EQUAL: accumulator == step.operand,
                    IF_AT_LEAST: accumulator >= step.operand,
                    IF_ANY_BIT: bool(accumulator & step.operand),
                }[code]
                place += step.if_true if holds else step.if_false
            case code:
                raise AssertionError(f"instruction {code:#x} is none that filters have")
