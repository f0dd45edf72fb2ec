"""A make that was told to stop is noticed; any other caller is none of our business."""

import os
import signal
import subprocess

import pytest

from casefarm.local.caller import read_handled_signals
from casefarm.local.processes import wait_until


@pytest.fixture
def make(tmp_path):
    (tmp_path / "Makefile").write_text("run:\n\t@exec sleep 600\n")
    process = subprocess.Popen(["make", "-C", tmp_path, "run"], start_new_session=True, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: len(read_handled_signals(process.pid)) == 2, 10)
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_make_that_got_a_signal_no_longer_handles_it(make, number):
    make.send_signal(number)

    assert wait_until(lambda: number not in read_handled_signals(make.pid), 10)


def test_a_caller_that_is_not_make_is_never_asked_to_stop():
    assert read_handled_signals(os.getpid()) == frozenset()
    assert read_handled_signals(2**22 + 1) == frozenset()
