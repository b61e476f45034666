"""Tests of appliance/selftest/running.py: the telephone is ended whatever it does."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import Any

from appliance.selftest.running import live
from appliance.selftest.verdict import judge
from tests.kit.processes import wait_until

ACCOUNT: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 9,
    "number": "1",
    "secret": "s",
    "code": "*43",
}


def phone(script: str) -> tuple[str, ...]:
    return (sys.executable, "-c", "import sys, json, time, os\n" + script)


def test_it_is_given_its_account_by_standard_input() -> None:
    script = 'w = json.load(sys.stdin); print(json.dumps({"event": "over", "got": w["secret"]}))'
    ended = live(ACCOUNT, 10, phone(script))
    assert ended.ending == "done" and ended.events[-1]["got"] == "s"


def test_a_telephone_that_hangs_is_killed_with_its_children() -> None:
    script = (
        'print(json.dumps({"event": "started"}), flush=True)\n'
        'print(json.dumps({"event": "registered"}), flush=True)\n'
        "child = os.fork()\n"
        'print(json.dumps({"event": "child", "pid": child}), flush=True) if child else None\n'
        "time.sleep(600)"
    )
    began = time.monotonic()
    ended = live(ACCOUNT, 2, phone(script))
    assert time.monotonic() - began < 20
    assert (ended.ending, judge(ended).key) == ("hung", "hung")
    told = ended.event("child")
    assert told is not None
    wait_until(lambda: not _lives(told["pid"]), 5, "the child is gone")


def test_a_telephone_that_breaks_says_why() -> None:
    ended = live(ACCOUNT, 10, phone("raise SystemExit('no such library')"))
    assert (ended.ending, ended.last_words) == ("broken", "no such library")
    assert judge(ended).key == "phone_failed"


def test_noise_is_no_event() -> None:
    script = 'print("hello"); print("[1]"); print("{"); print(json.dumps({"event": "over"}))'
    assert live(ACCOUNT, 10, phone(script)).events == ({"event": "over"},)


def test_nobody_answers_the_real_telephone() -> None:
    ended = live(ACCOUNT, 4)
    assert judge(ended).key == "not_registered"


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    return False
