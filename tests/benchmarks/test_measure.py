"""measure.py: what a program used, by the kernel's own account of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import cpu_ns, cpu_s

#: A thread that works for 0.4 s and ends, then silence, until its input closes.
_PROGRAM = """
import threading, time, sys
def work():
    while time.thread_time() < 0.4:
        pass
thread = threading.Thread(target=work)
thread.start()
thread.join()
print("done", flush=True)
sys.stdin.read()
"""


def test_a_thread_that_has_ended_counts() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"done\n"
        used_s = cpu_ns(process.pid) / 1e9
        assert used_s >= 0.4
        assert used_s == pytest.approx(cpu_s(process.pid), abs=0.03)
        process.stdin.close()


def test_a_process_that_is_gone_used_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert cpu_ns(process.pid) == 0
