"""The wall clock is wrong and is set under a running box (libfaketime; monotonic time is true)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.database import open_for_reading
from tests.kit.box import Box
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder

YEARS_25_S = 25 * 365.25 * 86400
HOUR_S = 3600.0
NOTICED_S = 15.0


class WallClock:
    """What the box believes to be the time: a file that libfaketime reads again and again."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "time"
        (self._library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")

    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset_s: float) -> None:
        """Seconds before or after the true time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset_s:+.0f}")
        new.rename(self._file)
        self.offset_s = offset_s

    def now(self) -> float:
        return time.time() + self.offset_s


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


@pytest.fixture
def box(tmp_path: Path, clock: WallClock) -> Iterator[Box]:
    with Box(tmp_path / "box", office(), environment=clock.environment()) as box:
        yield box


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


def talk(box: Box, end: RawEnd) -> RawCall:
    body = audio("127.0.0.1", 40000)
    target = (box.host, box.sip_port)
    call = RawCall(end, target, "2001", secret_of("2001"), "2002", body)
    call.invite()
    assert call.final().status == 200
    call.acknowledge()
    return call


def jump(box: Box, clock: WallClock, offset_s: float) -> None:
    """Set the clock and wait until the box has seen it."""
    seen = box.log().count("the clock jumped")
    clock.set(offset_s)
    wait_until(lambda: box.log().count("the clock jumped") > seen, NOTICED_S, "it is seen")


def check_phone(box: Box) -> None:
    """The phone is on record, for as long as it was granted and no longer."""
    (phone,) = box.registrations("2002")
    assert 0 < phone["expires_in_s"] <= 600
    assert phone["is_reachable"]


def test_jumps_in_calls_cut_nothing_and_every_row_is_right(
    box: Box, clock: WallClock, end: RawEnd
) -> None:
    """Begun in 1970; then NTP answers, an hour back, 25 years ahead, 25 years back."""
    clock.set(86_400 - time.time())
    box.start()
    with Responder() as phone:
        phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
        assert talk(box, end).hang_up() == 200
        (first,) = box.wait_for_journal(1)
        assert first["started_at"] < 3 * 86_400, "written in 1970"
        known = {first["call_ref"]}
        for rows, offset_s in enumerate((0.0, -HOUR_S, YEARS_25_S, -YEARS_25_S), 2):
            call, began = talk(box, end), time.monotonic()
            jump(box, clock, offset_s)
            assert box.control("status")["calls"] == 1
            check_phone(box)
            assert call.hang_up() == 200
            lasted_s = time.monotonic() - began
            row = next(r for r in box.wait_for_journal(rows) if r["call_ref"] not in known)
            known.add(row["call_ref"])
            assert row["cause"] == "normal"
            assert abs(row["talk_s"] - lasted_s) < 1.5
            assert abs(row["started_at"] - (clock.now() - lasted_s)) < 5
        moved = next(r for r in box.journal() if r["call_ref"] == first["call_ref"])
        assert abs(moved["started_at"] - time.time()) < 300, "it was moved when NTP answered"
        uptime_s = box.control("status")["uptime_s"]
        assert 0 < uptime_s < 300
    assert box.stop() == 0


def test_what_was_kept_under_a_wrong_clock_is_taken_over(
    box: Box, clock: WallClock, end: RawEnd
) -> None:
    """Killed in a call 25 years ahead; up again in the present, then in 1970, then far ahead."""
    clock.set(YEARS_25_S)
    box.start()
    with Responder() as phone:
        phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
        talk(box, end)
        cut(box)
        for rows, offset_s in ((1, 0.0), (2, 86_400 - time.time())):
            clock.set(offset_s)
            box.start()
            check_phone_is_kept(box)
            found = [row for row in box.wait_for_journal(rows) if row["cause"] == "restart"]
            assert len(found) == rows
            assert all(0 <= row["total_s"] < HOUR_S and row["talk_s"] == 0 for row in found)
            talk(box, end)
            cut(box)
        clock.set(YEARS_25_S)
        box.start()
        assert len([r for r in box.wait_for_journal(3) if r["cause"] == "restart"]) == 3
        check_phone_is_kept(box)


def cut(box: Box) -> None:
    """Cut the power when the phone and the call are on the disk."""

    def is_kept() -> bool:
        with contextlib.closing(open_for_reading(box.data / "state.db")) as reader:
            tables = ("bindings", "open_calls")
            return all(reader.execute(f"SELECT 1 FROM {name}").fetchone() for name in tables)

    wait_until(is_kept, 5, "both are on the disk")
    box.kill()


def check_phone_is_kept(box: Box) -> None:
    (phone,) = box.registrations("2002")
    assert 0 < phone["expires_in_s"] <= HOUR_S
