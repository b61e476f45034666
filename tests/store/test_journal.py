"""The journal keeps every acknowledged row exactly once, whatever kills the daemon."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.call.leg import Cause
from appliance.routing.decision import Reason
from appliance.store.database import StateError, open_for_reading
from appliance.store.journal import Journal, JournalFilter, query
from appliance.store.outgoing import OutgoingCall, outgoing_since
from appliance.store.writer import StateWriter
from tests.store.records import make_record


def _rows(path: Path) -> list[str]:
    reader = open_for_reading(path)
    refs = [r.call_ref for r in query(reader, limit=10_000)]
    reader.close()
    return refs


def test_a_row_comes_back_whole(writer: StateWriter, path: Path) -> None:
    record = make_record()

    Journal(writer).append(record).future.result(10)
    reader = open_for_reading(path)
    assert query(reader) == [record]
    reader.close()


def test_a_row_replaces_the_note_of_its_beginning(writer: StateWriter, path: Path) -> None:
    async def scenario() -> list[str]:
        journal = Journal(writer)
        journal.begin("ended", 5.0, {"caller": "2001"})
        journal.begin("cut", 7.0, {"caller": "2002", "dialled": "112", "weight": "no field"})
        journal.append(make_record("ended", started_at=5.0, total_s=10.0))
        first = await journal.recover(1000.0)
        second = await journal.recover(1000.0)
        assert second == []
        return [r.call_ref for r in first]

    assert asyncio.run(scenario()) == ["cut"]
    reader = open_for_reading(path)
    (row,) = query(reader, JournalFilter(cause="restart"))
    reader.close()
    assert (row.call_ref, row.caller, row.dialled, row.cause) == (
        "cut",
        "2002",
        "112",
        Cause.RESTART,
    )
    assert row.total_s == 8.0  # the box was last known to live at 15.0
    assert row.talk_s == 0.0


def test_rows_of_a_clock_that_was_ahead_lengthen_no_call_that_was_cut(
    writer: StateWriter,
) -> None:
    """Or the hours without power would be talk, and the caller's minutes of the day be used up."""

    async def scenario() -> float:
        journal = Journal(writer)
        journal.append(make_record("ahead", started_at=9e9))
        journal.append(make_record("c1", started_at=1000.0))
        journal.begin("odd", 9e9, {"caller": "2001"})
        journal.begin("cut", 990.0, {"caller": "2001"})
        records = {row.call_ref: row for row in await journal.recover(1000.0 + 86_400)}
        assert records["odd"].total_s == 0.0
        return records["cut"].total_s

    assert asyncio.run(scenario()) == 10.0 + make_record().total_s


def test_of_a_cut_call_that_was_sent_on_it_is_known_who_pays(writer: StateWriter) -> None:
    async def scenario() -> list[OutgoingCall]:
        journal = Journal(writer)
        journal.begin("cut", 7.0, {"caller": "2001", "dialled": "2002"})
        sent_on = {"payer": "2002", "number": "+79161234567"}
        journal.begin("cut", 7.0, {"caller": "2001", "dialled": "2002", **sent_on})
        await journal.recover(1000.0)
        return await outgoing_since(writer, 0.0)

    (call,) = asyncio.run(scenario())
    assert (call.payer, call.number) == ("2002", "+79161234567")


def test_a_failed_append_raises_and_is_logged_once_awaited(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = StateWriter(path)
    writer.close()
    with pytest.raises(StateError):
        Journal(writer).append(make_record()).future.result(10)
    assert "the row of call c1 was not kept" in caplog.text


FORWARDERS = ("2009", "200", '2009"', "")


@pytest.fixture
def many(writer: StateWriter, path: Path) -> Callable[..., list[str]]:
    """Seven calls, and a way to ask for them."""

    journal = Journal(writer)
    for n in range(7):
        journal.append(
            make_record(
                f"c{n}",
                started_at=100.0 + n // 2,  # pairs begin at the same moment
                direction="inbound" if n % 2 else "outbound",
                caller=f"200{n}",
                trunk="a" if n < 3 else "b",
                cause=Cause.BUSY if n == 4 else Cause.NORMAL,
            )
        )
    writer.submit(lambda db: None).result(10)

    def ask(wanted: JournalFilter | None = None, **how: object) -> list[str]:
        reader = open_for_reading(path)
        refs = [r.call_ref for r in query(reader, wanted, **how)]  # type: ignore[arg-type]
        reader.close()
        return refs

    return ask


def test_whoever_sent_a_call_on_finds_it(writer: StateWriter, path: Path) -> None:
    sent_on = Reason("caller.on_behalf", {"extension": "2009"})
    Journal(writer).append(make_record("c1", reasons=(Reason("plain"), sent_on)))
    Journal(writer).append(make_record("c2"))
    writer.submit(lambda db: None).result(10)
    reader = open_for_reading(path)
    found = {
        who: [r.call_ref for r in query(reader, JournalFilter(party=who))] for who in FORWARDERS
    }
    reader.close()
    assert found == {"2009": ["c1"], "200": [], '2009"': [], "": ["c2", "c1"]}


def test_filters(many: Callable[..., list[str]]) -> None:
    assert many() == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    assert many(JournalFilter(direction="inbound")) == ["c5", "c3", "c1"]
    assert many(JournalFilter(trunk="a")) == ["c2", "c1", "c0"]
    assert many(JournalFilter(cause="busy")) == ["c4"]
    assert many(JournalFilter(party="2003")) == ["c3"]
    assert many(JournalFilter(party="+74955551525", trunk="a", direction="inbound")) == ["c1"]
    assert many(JournalFilter(since=101.0, until=102.0)) == ["c3", "c2"]
    assert many(JournalFilter(call_ref="c5")) == ["c5"]
    assert many(JournalFilter(party="' OR 1=1 --")) == []


def test_pages_neither_lose_nor_repeat(many: Callable[..., list[str]]) -> None:
    seen = many(limit=3)
    page = seen
    while page:
        last = page[-1]
        page = many(limit=3, before=(100.0 + int(last[1:]) // 2, last))
        seen = seen + page
    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


_CHILD = """
import asyncio, sys
from appliance.store.journal import Journal
from appliance.store.outgoing import OutgoingCall, outgoing_since
from appliance.store.writer import StateWriter
from tests.store.records import make_record

async def main() -> None:
    journal = Journal(StateWriter(sys.argv[1]))

    async def caller(name: int) -> None:
        for n in range(10_000):
            ref = f"{name}-{n}"
            journal.begin(ref, 1.0, {"caller": "2001"})
            await asyncio.wrap_future(journal.append(make_record(ref)).future)
            print(ref, flush=True)

    await asyncio.gather(*(caller(n) for n in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("acknowledged", [1, 40, 300])
def test_acknowledged_rows_survive_sigkill(path: Path, acknowledged: int) -> None:
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(path)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert child.stdout is not None
    acks = [child.stdout.readline().strip() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    acks += child.stdout.read().split()
    child.stdout.close()
    assert child.wait(10) == -signal.SIGKILL
    assert len(acks) >= acknowledged
    assert all(acks)

    async def restart() -> list[str]:
        writer = StateWriter(path)
        recovered = await Journal(writer).recover(99.0)
        writer.close()
        return [r.call_ref for r in recovered]

    recovered = asyncio.run(restart())
    rows = _rows(path)
    assert len(rows) == len(set(rows))
    # The last line may be half printed: every other acknowledged row is there.
    assert set(acks[:-1]) <= set(rows)
    assert not set(recovered) & set(acks[:-1])
    assert len(recovered) <= 8


def test_rows_of_a_clock_that_was_never_set_move_when_it_is(writer: StateWriter) -> None:
    """Those of this run, and of them those of the wrong clock: the others are right already."""
    from_boot = 86_400.0  # 1970-01-02
    true_now = 1_790_000_000.0

    async def main() -> None:
        early = Journal(writer)
        await early.recover(from_boot)
        early.append(make_record("of-another-boot", started_at=from_boot + 5))
        journal = Journal(writer)
        await journal.recover(from_boot)
        journal.append(make_record("wrong", started_at=from_boot + 10))
        journal.append(make_record("right", started_at=true_now + 20))
        journal.clock_was_set(true_now - from_boot)
        await writer.run(lambda db: None)

    asyncio.run(main())
    reader = open_for_reading(writer.path)
    found = {row.call_ref: row.started_at for row in query(reader)}
    reader.close()
    assert found == {
        "of-another-boot": from_boot + 5,
        "wrong": true_now + 10,
        "right": true_now + 20,
    }
