"""What makes the keeper punctual, and what keeps it from taking the machine with it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from drivers.fxs_i2c.keeper import PRIORITY, RUNAWAY_US, LateBus
from tests.kit.processes import PROJECT

_BECOME = """
import os, resource, time
from drivers.fxs_i2c.keeper import become_punctual
become_punctual()
told = [os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.sched_getparam(0).sched_priority]
print(*told, *resource.getrlimit(resource.RLIMIT_RTTIME), flush=True)
if os.fork() == 0:
    print(os.sched_getscheduler(0), flush=True)
    os._exit(0)
os.wait()
end = time.process_time() + 2 * (told[0] == os.SCHED_FIFO)
while time.process_time() < end:
    pass
"""


def test_real_time_is_its_own_and_has_an_end() -> None:
    """Where the machine allows it at all; a child has none of it, a runaway loop is killed."""
    argv = [sys.executable, "-c", _BECOME]
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=PROJECT, timeout=60, check=False
    )
    (policy, priority, *limits), (of_child,) = (
        [int(word) for word in line.split()] for line in done.stdout.splitlines()
    )
    print("real-time class:", policy == os.SCHED_FIFO)
    assert tuple(limits) == RUNAWAY_US
    assert of_child == os.SCHED_OTHER
    assert (policy, priority) in ((os.SCHED_FIFO, PRIORITY), (os.SCHED_OTHER, 0))
    is_allowed = policy == os.SCHED_FIFO
    assert done.returncode == (-signal.SIGXCPU if is_allowed else 0), done.stderr


def test_a_bus_that_is_missing_is_looked_for_each_time() -> None:
    bus = LateBus("/dev/no-such-bus")
    for _ in range(2):
        with pytest.raises(OSError) as failure:
            bus.read_i2c_block_data(0x20, 0, 2)
        assert failure.value.errno == errno.ENOENT
    bus.close()
