"""Tests of drivers/cellular: a modem of the kit from plugging in to calls and messages, in virtual
time (device.py, port.py, call_desk.py, inbox.py, radio.py, start.py, pin_memory.py)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.api import LineError, PortKind
from drivers.cellular.device import CellularDevice, Wiring
from drivers.cellular.find import Places
from drivers.cellular.pin_memory import PinMemory
from drivers.cellular.port import CellularPort
from drivers.events import (
    CallerIdReceived,
    CallerIdStatus,
    KeyReported,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    PortFault,
    ProgressReported,
    RingStarted,
    RingStopped,
    SmsReceived,
    StateChanged,
)
from tests.kit.gsm_messages import Arriving
from tests.kit.gsm_modem import GsmModem, Sim
from tests.kit.gsm_plug import SocketPlug
from tests.kit.gsm_profiles import QuectelEc25, Sim7600
from tests.kit.virtual_loop import elapse, run_virtually, until

MAKERS = pytest.mark.parametrize("kind", [QuectelEc25, Sim7600])


class Bench:
    """A device on a modem of the kit, and everything that its port told."""

    def __init__(self, modem: GsmModem, pin: str = "", memory: PinMemory | None = None) -> None:
        self.modem = modem
        self.plug = SocketPlug(modem)
        loop = asyncio.get_running_loop()
        wiring = Wiring(self._find, self.plug.open_port, pin=pin)
        self.device = CellularDevice(wiring, memory or PinMemory(), lambda: int(loop.time() * 1e9))
        self.events: list[LineEvent] = []
        self._reader = loop.create_task(self._collect())

    def _find(self) -> Places | None:
        return Places("at", "pcm") if self.plug.is_plugged else None

    @property
    def port(self) -> CellularPort:
        return self.device.ports[0]

    async def _collect(self) -> None:
        async for event in self.port.events():
            if not isinstance(event, StateChanged):
                self.events.append(event)

    def told(self, kind: type[LineEvent]) -> list[LineEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def words(self) -> list[str]:
        return [event.word for event in self.events if isinstance(event, ProgressReported)]

    async def close(self) -> None:
        await self.device.close()
        self._reader.cancel()
        self.modem.detach()


@asynccontextmanager
async def bench(
    modem: GsmModem, pin: str = "", memory: PinMemory | None = None
) -> AsyncIterator[Bench]:
    made = Bench(modem, pin, memory)
    made.device.start()
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def ready(kind: type[GsmModem]) -> AsyncIterator[Bench]:
    async with bench(kind()) as made:
        await until(lambda: made.told(LineBack))
        made.events.clear()
        yield made


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene()

    run_virtually(run())


@MAKERS
def test_a_modem_is_started_and_known(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with bench(kind()) as b:
            await until(lambda: b.told(LineBack))
            health = b.port.health
            assert (health.state, health.operator) == (LineState.IDLE, "Beeline")
            assert health.serial_number == "866758040000017"
            assert health.firmware == kind.firmware
            assert health.figures["signal_dbm"] == -73
            assert b.port.kind is PortKind.CELLULAR and b.port.capabilities.duplex
            assert b.device.info.model == kind.model

    play(scene)


@MAKERS
@pytest.mark.parametrize("is_split", [False, True])
def test_a_call_comes_is_taken_and_ended_by_the_far_end(
    kind: type[GsmModem], is_split: bool
) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.faults.writes_bytes_one_by_one = is_split
            b.modem.call_in("+79161234567")
            await until(lambda: b.told(CallerIdReceived))
            shown = b.told(CallerIdReceived)[0]
            assert isinstance(shown, CallerIdReceived)
            assert (shown.record.number, shown.record.source) == ("+79161234567", "clip")
            assert b.port.health.state is LineState.RINGING
            await b.port.answer()
            assert b.port.health.state is LineState.TALKING
            await elapse(12)
            b.modem.hear_key("5")  # type: ignore[attr-defined]
            await b.port.send_key("#", 100)
            b.modem.far_hangs_up()
            await until(lambda: b.words() == ["released"])
            await b.port.release()
            assert b.port.health.state is LineState.IDLE
            assert b.modem.keys_sent == "#"
            assert [type(e) for e in b.events] == [
                RingStarted,
                CallerIdReceived,
                KeyReported,
                ProgressReported,
            ]

    play(scene)


@MAKERS
def test_a_caller_gives_up_or_hides(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.call_in("+79160000009", is_withheld=True)
            await elapse(11)
            b.modem.far_hangs_up()
            await until(lambda: b.told(RingStopped))
            assert [type(e) for e in b.events] == [RingStarted, CallerIdReceived, RingStopped]
            shown = b.events[1]
            assert isinstance(shown, CallerIdReceived)
            assert shown.record.status is CallerIdStatus.WITHHELD and not shown.record.number

    play(scene)


@MAKERS
def test_a_call_goes_out(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("+74951234567")
            assert b.port.health.state is LineState.DIALLING
            await elapse(1)
            b.modem.far_alerts()
            await elapse(4)
            b.modem.far_answers()
            await until(lambda: b.words() == ["ringback", "answered"])
            await elapse(30)
            await b.port.release()
            assert b.modem.call is None and b.port.health.state is LineState.IDLE
            assert b.words() == ["ringback", "answered"]

    play(scene)


def test_a_quectel_gets_its_audio_in_the_same_line_as_the_call() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            await b.port.release()
            b.modem.call_in("112")
            await until(lambda: b.told(RingStarted))
            await b.port.answer()
            dialled, answered = [c for c in b.modem.commands if "QPCMV=1,0;" in c]
            assert dialled == "AT+QPCMV=0;+QPCMV=1,0;D112;"
            assert answered == "AT+QPCMV=0;+QPCMV=1,0;A"

    play(scene)


def test_a_simcom_gets_its_audio_a_second_after_the_answer() -> None:
    async def scene() -> None:
        async with ready(Sim7600) as b:
            b.modem.commands.clear()
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(0.9)
            assert not b.modem.is_audio_on
            await elapse(0.2)
            assert b.modem.is_audio_on
            await b.port.release()
            assert not b.modem.is_audio_on
            orders = [c for c in b.modem.commands if "CPCMREG" in c or c.startswith("ATD")]
            assert orders == ["AT+CPCMREG=0", "ATD112;", "AT+CPCMREG=1", "AT+CPCMREG=0"]

    play(scene)


@MAKERS
def test_busy_is_told(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("112")
            await elapse(1)
            b.modem.faults.forgets_call_news = True
            b.modem.tell("BUSY")
            await until(b.words)
            assert b.words() == ["busy"]

    play(scene)


@MAKERS
def test_a_call_that_no_news_tells_of_is_found_by_asking(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.faults.forgets_call_news = True
            await b.port.dial("112")
            await elapse(0.5)
            b.modem.far_answers()
            await until(lambda: b.words() == ["answered"], 2.5)
            b.modem.far_hangs_up()
            await until(lambda: b.words() == ["answered", "released"], 4.5)

    play(scene)


def test_dialling_into_a_ringing_line_is_glare_and_a_rejected_call_ends() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.call_in("+7916")
            await until(lambda: b.told(RingStarted))
            with pytest.raises(LineError, match=r"line\.glare"):
                await b.port.dial("112")
            await b.port.release()
            assert b.modem.call is None
            assert b.port.health.state is LineState.IDLE

    play(scene)


def test_a_new_call_is_told_once_the_old_one_was_let_go() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            b.modem.far_hangs_up()
            await until(lambda: "released" in b.words())
            b.modem.call_in("+79165550000")
            await elapse(1)
            assert not b.told(RingStarted)
            await b.port.release()
            await until(lambda: b.told(CallerIdReceived))
            assert b.modem.call is not None
            await b.port.answer()
            assert b.port.health.state is LineState.TALKING

    play(scene)


@pytest.mark.parametrize("number", ["", "abc", "1;+CFUN=0", "12\r34", "1" * 33])
def test_what_is_no_number_is_not_dialled(number: str) -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            with pytest.raises(LineError, match=r"line\.number"):
                await b.port.dial(number)

    play(scene)


def test_without_a_network_there_is_no_line_and_then_there_is() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.registration = 2
            b.modem.tell("+CREG: 2")
            await until(lambda: b.told(LineLost))
            assert b.port.health.state is LineState.DOWN
            with pytest.raises(LineError, match=r"line\.lost"):
                await b.port.dial("112")
            b.modem.registration = 5
            b.modem.tell('+CREG: 5,"1A2B","0102",7')
            await until(lambda: b.told(LineBack))
            await elapse(20)
            assert b.port.health.figures["roaming"] == 1.0
            assert len(b.events) == 2

    play(scene)


@MAKERS
def test_a_pulled_modem_loses_its_call_and_works_five_seconds_after_it_is_back(
    kind: type[GsmModem],
) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            await b.port.dial("112")
            b.modem.far_answers()
            await elapse(1)
            b.plug.unplug()
            await until(lambda: b.told(LineLost), 1.0)
            assert b.words() == ["answered", "released"]
            await b.port.release()
            await elapse(60)
            assert len(b.told(LineLost)) == 1 and b.port.health.state is LineState.DOWN
            b.plug.plug()
            await until(lambda: b.told(LineBack), 5.0)
            await b.port.dial("112")

    play(scene)


def test_a_modem_that_does_not_answer_any_more_is_opened_anew() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.faults.is_deaf = True
            await until(lambda: b.told(LineLost), 30.0)
            b.modem.faults.is_deaf = False
            await until(lambda: b.told(LineBack), 30.0)

    play(scene)


# ---- the SIM's PIN


def test_the_pin_opens_the_sim() -> None:
    async def scene() -> None:
        async with bench(Sim7600(Sim(pin="4321")), "4321") as b:
            await until(lambda: b.told(LineBack))
            assert sum("CPIN=" in c for c in b.modem.commands) == 1

    play(scene)


@pytest.mark.parametrize("kind", [QuectelEc25, Sim7600])
def test_a_wrong_pin_is_tried_exactly_once_whatever_happens(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        modem, memory = kind(Sim(pin="4321")), PinMemory()
        for _ in range(3):  # the daemon starts again, the modem is pulled
            async with bench(modem, "9999", memory) as b:
                await until(lambda b=b: b.told(PortFault))  # type: ignore[misc]
                assert b.port.health.state is LineState.FAULT
                await elapse(120)
                b.plug.unplug()
                await elapse(5)
                b.plug.plug()
                await elapse(120)
            memory = PinMemory()  # a new process remembers nothing; the card does
        assert modem.sim.tries_left == 2
        assert sum("CPIN=9999" in c for c in modem.commands) == 1

    play(scene)


def test_a_corrected_pin_is_tried_and_the_last_try_left_to_a_person() -> None:
    memory = PinMemory()
    memory.note_trial("card", "1111")
    assert not memory.may_try("card", "1111", 2)
    assert memory.may_try("card", "2222", 2)
    assert not memory.may_try("card", "2222", 1)
    assert memory.may_try("another", "1111", 3) and not memory.may_try("another", "1111", 2)


def test_where_the_card_does_not_tell_a_marker_remembers(tmp_path: Path) -> None:
    memory = PinMemory(tmp_path)
    assert memory.may_try("card", "1111", None)
    memory.note_trial("card", "1111")
    assert not PinMemory(tmp_path).may_try("card", "1111", None)
    assert not PinMemory(tmp_path).may_try("card", "1111", 2)
    assert PinMemory(tmp_path).may_try("card", "2222", 2)  # corrected after a restart
    [marker] = tmp_path.iterdir()
    assert b"1111" not in marker.read_bytes() and marker.stat().st_mode & 0o77 == 0
    memory.note_success("card")
    assert PinMemory(tmp_path).may_try("card", "1111", None)


@pytest.mark.parametrize(
    ("sim", "key"),
    [
        (Sim(pin="4321"), "line.sim_pin"),
        (Sim(pin="4321", tries_left=0), "line.sim_puk"),
        (Sim(is_inserted=False), "line.sim_missing"),
    ],
)
def test_what_a_person_must_see_to(sim: Sim, key: str) -> None:
    async def scene() -> None:
        async with bench(QuectelEc25(sim)) as b:
            await until(lambda: b.told(PortFault))
            fault = b.told(PortFault)[0]
            assert isinstance(fault, PortFault)
            assert (fault.code, fault.is_recoverable) == (key, False)
            assert b.port.health.detail == key

    play(scene)


# ---- short messages


def test_messages_are_sent_in_parts() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            assert await b.port.send_sms("+79161234567", "Тест") == "1"
            assert await b.port.send_sms("+79161234567", "x" * 200) == "2,3"
            assert [m.text for m in b.modem.sent] == ["Тест", "x" * 153, "x" * 47]

    play(scene)


def test_messages_that_cannot_be_sent_say_so() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.faults.refuses_messages = True
            with pytest.raises(LineError, match=r"line\.sms_refused"):
                await b.port.send_sms("112", "x")
            with pytest.raises(LineError, match=r"line\.sms_text"):
                await b.port.send_sms("MTS", "x")
            b.modem.faults.refuses_messages = False
            b.modem.faults.loses_prompt = True
            with pytest.raises(LineError, match=r"line\.timeout"):
                await b.port.send_sms("112", "x")
            assert await b.port.send_sms("112", "after a stuck prompt") == "1"

    play(scene)


def test_messages_are_told_and_deleted_only_when_kept() -> None:
    async def scene() -> None:
        async with ready(Sim7600) as b:
            b.modem.send_in(Arriving("MTS", "Balance 5"))
            b.modem.send_in(Arriving("+7916", "b", (7, 2, 2)))
            await elapse(40)
            b.modem.send_in(Arriving("+7916", "Жук-", (7, 2, 1)))
            await until(lambda: len(b.told(SmsReceived)) == 2)
            first, second = (e for e in b.events if isinstance(e, SmsReceived))
            assert (first.sender, first.text) == ("MTS", "Balance 5")
            assert (second.text, second.sent_at) == ("Жук-b", "2026-11-27T09:30:00+03:00")
            await elapse(60)
            assert len(b.modem.sim.slots) == 3 and len(b.told(SmsReceived)) == 2
            await b.port.forget_sms(second.reference)
            assert list(b.modem.sim.slots) == [1]

    play(scene)


def test_what_was_on_the_sim_is_told_after_a_start_and_a_reused_slot_is_not_deleted() -> None:
    async def scene() -> None:
        modem = QuectelEc25()
        modem.send_in(Arriving("MTS", "old"))
        async with bench(modem) as b:
            await until(lambda: b.told(SmsReceived))
            [event] = b.told(SmsReceived)
            assert isinstance(event, SmsReceived)
            modem.sim.slots.clear()
            modem.send_in(Arriving("MTS", "new in the same slot"))
            await until(lambda: len(b.told(SmsReceived)) == 2)
            await b.port.forget_sms(event.reference)
            assert list(modem.sim.slots) == [1]

    play(scene)


def test_a_message_that_cannot_be_read_is_told_as_a_fault_and_kept() -> None:
    async def scene() -> None:
        async with ready(QuectelEc25) as b:
            b.modem.send_in("0004")
            await until(lambda: b.told(PortFault))
            assert list(b.modem.sim.slots) == [1]

    play(scene)


# ---- a nasty line


@MAKERS
def test_news_glued_and_between_is_heard(kind: type[GsmModem]) -> None:
    async def scene() -> None:
        async with ready(kind) as b:
            b.modem.send_in(Arriving("A", "one"))
            b.modem.sim.slots[9] = b.modem.sim.slots[1]
            b.modem.faults.news_between = ["RING", '+CLIP: "+7916",145,,,,0', '+CMTI: "SM",9']
            await until(lambda: len(b.told(SmsReceived)) == 2 and b.told(CallerIdReceived))

    play(scene)


def test_many_seeds_of_delays_and_splits_give_the_same_story() -> None:
    async def scene() -> None:
        for delay_s, is_split in itertools.product((0.0, 0.02, 0.3), (False, True)):
            async with ready(QuectelEc25) as b:
                b.modem.faults.answer_delay_s = delay_s
                b.modem.faults.writes_bytes_one_by_one = is_split
                await b.port.dial("112")
                await elapse(1)
                b.modem.far_answers()
                await until(lambda b=b: "answered" in b.words())  # type: ignore[misc]
                assert await b.port.send_sms("112", "during a call") == "1"
                b.modem.far_hangs_up()
                await until(lambda b=b: "released" in b.words())  # type: ignore[misc]
                await b.port.release()
                assert b.words() == ["answered", "released"]

    play(scene)
