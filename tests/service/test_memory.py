"""Pages that the allocator keeps free go back to the kernel, and a box does so by itself."""

from __future__ import annotations

import asyncio
import ctypes
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.service import memory
from tests.kit.ports import PortRange

ROOT = Path(__file__).resolve().parents[2]
_HOLES = """
from pathlib import Path
from appliance.service.memory import give_back

def resident_kb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

blocks = [bytes(1000) for _ in range(20_000)]
kept = blocks[::100]  # one in 25 pages: the allocator can lower its end by nothing
del blocks
before = resident_kb()
given = give_back()
print(given, before - resident_kb())
"""


def test_pages_between_blocks_that_stay_are_given_back() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _HOLES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    given, kb = said.stdout.split()
    assert given == "True"
    assert int(kb) > 12_000


_GATHERED = """
import mmap
from pathlib import Path
from appliance.service.memory import gather

def kb(name):
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))

kept = [bytes(200) for _ in range(400_000)]
empty = mmap.mmap(-1, 32 << 20, flags=mmap.MAP_PRIVATE)  # as a thread's stack: hardly used
empty[:: 1 << 20] = bytes(32)
before, resident = kb("AnonHugePages"), kb("Rss")
gathered = gather()
print(gathered, kb("AnonHugePages") - before, kb("Rss") - resident)
"""


def test_what_stays_is_gathered_in_large_pages_and_little_grows() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _GATHERED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    gathered, huge_kb, grown_kb = map(int, said.stdout.split())
    size = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
    release = tuple(int(figure) for figure in platform.release().split(".")[:2])
    if release < (6, 1) or not size.exists():
        assert gathered == huge_kb == 0
        return
    large_kb = int(size.read_text()) // 1024
    assert gathered * large_kb == huge_kb
    assert grown_kb <= gathered * large_kb // 8 + 2048  # and what the call itself needed
    if large_kb == 2048:
        assert gathered >= 5


def test_a_kernel_without_large_pages_leaves_all_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_LARGE_PAGE", tmp_path / "none")
    assert memory.gather() == 0


_BOX = """
import asyncio, gc, os, signal, sys
from pathlib import Path
from appliance.daemon import run
from appliance.options import RunOptions

def look():
    tasks = {task.get_name() for task in asyncio.all_tasks()}
    print("memory" in tasks, gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count())
    os.kill(os.getpid(), signal.SIGTERM)

def on_ready(listeners):
    asyncio.get_running_loop().call_later(0.1, look)

ports = [int(port) for port in sys.argv[2:]]
gc.disable()
options = RunOptions(Path(sys.argv[1]), None, ("127.0.0.1",), *ports[:2], tuple(ports[2:]))
raise SystemExit(run(options, on_ready))
"""


def test_a_box_that_is_up_looks_after_its_memory(tmp_path: Path) -> None:
    ports = PortRange()
    numbers = [ports.one(), ports.one(), *ports.rest()]
    said = subprocess.run(
        [sys.executable, "-c", _BOX, str(tmp_path), *map(str, numbers)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    has_task, collects, first, frozen = said.stdout.split()
    assert (has_task, collects) == ("True", "True")
    assert int(first) >= 10_000 and int(frozen) > 10_000


def test_the_task_gives_back_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> int:
        times: list[None] = []
        enough = asyncio.Event()

        def note() -> bool:
            times.append(None)
            if len(times) == 3:
                enough.set()
            return True

        monkeypatch.setattr(memory, "give_back", note)
        gathered: list[int] = []
        monkeypatch.setattr(memory, "spare_the_garbage_collector", lambda: None)
        monkeypatch.setattr(memory, "gather", lambda: gathered.append(len(times)))
        task = asyncio.get_running_loop().create_task(memory.keep_small(0.001))
        await asyncio.wait_for(enough.wait(), 5)
        task.cancel()
        assert gathered == [0]  # once, before anything is given back
        return len(times)

    assert asyncio.run(scenario()) >= 3


def test_another_c_library_is_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert memory.give_back() is False
