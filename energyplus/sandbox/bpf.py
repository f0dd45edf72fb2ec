"""Assembles programs for the kernel's classic BPF machine, which judges system calls for `seccomp`.

A program is a list of instructions. Every piece made here ends in an answer or falls through to what follows it, so
pieces are put together by listing them, and there are no labels. The numbers are those of linux/bpf_common.h.
"""

import struct
from dataclasses import dataclass

LOAD = 0x20  # a 32-bit word of `struct seccomp_data` into the accumulator
IF_EQUAL = 0x15
IF_AT_LEAST = 0x35
IF_ANY_BIT = 0x45
ANSWER = 0x06

NUMBER_AT = 0
ARCHITECTURE_AT = 4
_ARGUMENTS_AT = 16
_LONGEST_JUMP = 255


@dataclass(frozen=True)
class Instruction:
    """One instruction, `struct sock_filter`.

    Attributes:
        code: what it does.
        if_true: for a comparison: how many instructions to skip when it holds.
        if_false: and when it does not.
        operand: what to compare with, where to load from, or the answer.
    """

    code: int
    if_true: int
    if_false: int
    operand: int

    def pack(self) -> bytes:
        """Return the instruction as the kernel reads it."""
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.operand)


Program = list[Instruction]


def load(offset: int) -> Program:
    """Load the word at `offset` of `struct seccomp_data`."""
    return [Instruction(LOAD, 0, 0, offset)]


def load_low(argument: int) -> Program:
    """Load the low half of an argument, which is all that the kernel looks at where the type is `int`."""
    return load(_ARGUMENTS_AT + 8 * argument)


def load_high(argument: int) -> Program:
    """Load the high half of an argument; both machines are little-endian."""
    return load(_ARGUMENTS_AT + 8 * argument + 4)


def answer(value: int) -> Program:
    """End with an answer."""
    return [Instruction(ANSWER, 0, 0, value)]


def if_equal(operand: int, then: Program) -> Program:
    """Run `then` if the accumulator is `operand`, else go on behind it."""
    return _if(IF_EQUAL, operand, then)


def if_at_least(operand: int, then: Program) -> Program:
    """Run `then` if the accumulator is `operand` or more, else go on behind it."""
    return _if(IF_AT_LEAST, operand, then)


def if_any_bit(mask: int, then: Program) -> Program:
    """Run `then` if the accumulator has any bit of `mask`, else go on behind it."""
    return _if(IF_ANY_BIT, mask, then)


def unless_equal(operand: int, then: Program) -> Program:
    """Run `then` if the accumulator is anything but `operand`, else go on behind it."""
    return [Instruction(IF_EQUAL, _jump(then), 0, operand), *then]


def _if(code: int, operand: int, then: Program) -> Program:
    return [Instruction(code, 0, _jump(then), operand), *then]


def _jump(over: Program) -> int:
    if len(over) > _LONGEST_JUMP:
        raise ValueError(f"a jump over {len(over)} instructions; the machine's longest is {_LONGEST_JUMP}")
    return len(over)
