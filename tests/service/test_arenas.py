"""The interpreter's objects in large pages: whole, close together, and given back when they go."""

from __future__ import annotations

import argparse
import subprocess
import sys
import types
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import appliance
from appliance.commands import run
from appliance.service import memory
from tests.kit.native import build_native

SOURCE = Path(appliance.__file__).parent / "service" / "native" / "arenas.c"
LARGE = 2 << 20
_TRIAL = """
import gc, sys
sys.path.insert(0, sys.argv[1])
import arenas

LARGE = 2 << 20
_before = [[n] for n in range(200_000)]  # some arenas of Python's own

def resident_kb():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

assert arenas.use_large_pages(LARGE)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the module stands; it is used in processes of their own, for it is for good."""
    made = tmp_path_factory.mktemp("arenas")
    build_native(SOURCE, made)
    return made


def trial(folder: Path, script: str) -> list[int]:
    said = subprocess.run(
        [sys.executable, "-c", _TRIAL + script, str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr
    return [int(word) for word in said.stdout.split()]


def test_new_objects_lie_close_together_in_room_of_whole_large_pages(folder: Path) -> None:
    script = """
many = [bytes([n % 256]) * 200 for n in range(200_000)]
pages = {id(one) // LARGE for one in many[100_000:]}
spans = []
for line in open("/proc/self/maps"):
    begin, end = (int(figure, 16) for figure in line.split()[0].split("-"))
    spans.append((begin, end))
whole = sum(any(b <= p * LARGE and (p + 1) * LARGE <= e for b, e in spans) for p in pages)
print(len(pages), whole, max(pages) - min(pages))
"""
    pages, whole, spread = trial(folder, script)
    assert 11 <= pages <= 16  # 100,000 of 240 octets are 23 MB
    assert whole == pages and spread < 2 * pages


def test_objects_of_both_kinds_of_arenas_stay_whole_and_their_room_is_used_again(
    folder: Path,
) -> None:
    script = """
import random
dice = random.Random(7)
held = {}
most = 0
for n in range(400_000):
    key = dice.randrange(50_000)
    if key in held:
        assert held.pop(key) == [key, str(key) * 3]
    else:
        held[key] = [key, str(key) * 3]
    if n == 200_000:
        most = resident_kb()
    if n % 1000 == 0 and _before:
        del _before[-500:]
assert all(value == [key, str(key) * 3] for key, value in held.items())
print(most, resident_kb())
"""
    halfway_kb, after_kb = trial(folder, script)
    assert after_kb < halfway_kb + 4096


def test_what_nobody_needs_goes_back_to_the_kernel(folder: Path) -> None:
    script = """
before = resident_kb()
many = [bytes([n % 256]) * 200 for n in range(500_000)]
most = resident_kb()
del many
_before.clear()
gc.collect()
print(before, most, resident_kb())
"""
    before_kb, most_kb, after_kb = trial(folder, script)
    assert most_kb > before_kb + 100_000
    assert after_kb < before_kb + 8192


def test_more_than_the_first_room_holds_is_given_more(folder: Path) -> None:
    script = """
many = [bytes([n % 256]) * 400 for n in range(500_000)]
assert all(one == bytes([n % 256]) * 400 for n, one in enumerate(many))
print(len({id(one) // (128 << 20) for one in many}))
"""
    (rooms,) = trial(folder, script)
    assert rooms >= 2  # 210 MB


def test_pages_that_do_not_fit_and_second_thoughts_are_refused(folder: Path) -> None:
    script = """
print(int(arenas.use_large_pages(LARGE)), int(arenas.use_large_pages(2 * LARGE)))
"""
    assert trial(folder, script) == [1, 0]
    module = build_native(SOURCE, folder)
    for octets in (0, 4096, 1 << 20, LARGE + 4096, 32 << 20, 1 << 30):
        assert module.use_large_pages(octets) is False
    with pytest.raises(TypeError):
        module.use_large_pages("2 MB")
    with pytest.raises(OverflowError):
        module.use_large_pages(-1)


def test_a_box_lays_out_its_memory_before_it_loads_what_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: list[str] = []

    class Daemon(types.ModuleType):
        def run(self, options: object) -> int:
            order.append("runs")
            return 0

    daemon: Any = Daemon("appliance.daemon")
    monkeypatch.setitem(sys.modules, "appliance.daemon", daemon)
    monkeypatch.setattr(appliance, "daemon", daemon, raising=False)
    monkeypatch.setattr(memory, "lay_out", lambda: order.append("laid out"))
    monkeypatch.setattr(run, "start_logging", lambda **_: None)
    assert run.run(_arguments(tmp_path), StringIO()) == 0
    assert order == ["laid out", "runs"]


def _arguments(folder: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run.add_parser(parser.add_subparsers())
    made = parser.parse_args(["run"])
    made.data, made.language = str(folder / "data"), None
    return made


def test_laying_out_asks_for_the_pages_that_this_kernel_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[int] = []
    module: Any = types.ModuleType("arenas")
    module.use_large_pages = lambda octets: not asked.append(octets)  # type: ignore[func-returns-value]
    monkeypatch.setitem(sys.modules, "appliance.service.native.arenas", module)
    size = tmp_path / "hpage_pmd_size"
    size.write_text(f"{LARGE}\n")
    monkeypatch.setattr(memory, "_LARGE_PAGE", size)
    assert memory.lay_out() is True
    assert asked == [LARGE]


def test_without_the_module_or_large_pages_all_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_LARGE_PAGE", tmp_path / "none")
    assert memory.lay_out() is False
    monkeypatch.setitem(sys.modules, "appliance.service.native.arenas", None)
    assert memory.lay_out() is False
