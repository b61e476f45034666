"""Short messages of one SIM: read, joined, told, and deleted only when somebody has kept them.

A *slot* is a place on the SIM. A reference names slots with a checksum of what was in them, so that
``forget`` deletes nothing that came into the same slot later, not even after a restart.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterable

from drivers.api import LineError
from drivers.at import AtCommand, Result
from drivers.cellular.assembly import Assembly, Joined
from drivers.cellular.pdu import PduError, decode_deliver, encode_submits
from drivers.cellular.reports import fields_of
from drivers.cellular.start import Run
from drivers.events import LineEvent, PortFault, SmsReceived

log = logging.getLogger(__name__)
_SEND_S = 60.0
_READ_S = 10.0
_LIST_S = 20.0
#: What was told and is still on the SIM by then, nobody has kept: it is told again.
_TOLD_AGAIN_S = 3600.0


class Inbox:
    """What is on the SIM, and the way out. ``run`` is set while the modem answers."""

    def __init__(
        self, tell: Callable[[LineEvent], None], now: Callable[[], float], now_ns: Callable[[], int]
    ) -> None:
        self._tell = tell
        self._now = now
        self._now_ns = now_ns
        self._assembly = Assembly()
        self._told: dict[int, str] = {}  # slot -> checksum of what was read there
        self._told_at: dict[int, float] = {}  # slot -> when its whole message was told
        self._next_reference = now_ns() & 0xFF

    async def read_all(self, run: Run) -> None:
        """Everything on the SIM that was not read yet; what is incomplete for a day is told, and
        what nobody has kept for an hour is told again."""
        late_at = self._now() - _TOLD_AGAIN_S
        for slot in [slot for slot, at in self._told_at.items() if at <= late_at]:
            del self._told_at[slot]
            self._told.pop(slot, None)
        finished = await run(AtCommand("AT+CMGL=4", _LIST_S))
        for header, pdu in _pairs(finished.lines, "+CMGL:"):
            fields = fields_of(header)
            if fields and fields[0].isdecimal():
                self._take(int(fields[0]), pdu)
        for late in self._assembly.expire(self._now()):
            self._tell_joined(late)

    async def read_slot(self, run: Run, slot: int) -> None:
        """What +CMTI spoke of."""
        if pdu := await _read(run, slot):
            self._take(slot, pdu)

    async def forget(self, run: Run, reference: str) -> None:
        """Delete what the reference names, and only that."""
        for slot, checksum in _parse_reference(reference):
            pdu = await _read(run, slot)
            if pdu and _checksum(pdu) == checksum:
                await run(AtCommand(f"AT+CMGD={slot}", _READ_S))
            self._told.pop(slot, None)
            self._told_at.pop(slot, None)

    async def send(self, run: Run, number: str, text: str) -> str:
        """In as many parts as it takes; the network's references. Raises LineError
        ``line.sms_text`` (it cannot be written), ``line.sms_refused``, ``line.timeout``."""
        self._next_reference = (self._next_reference + 1) & 0xFF
        try:
            submits = encode_submits(number, text, self._next_reference)
        except PduError as fault:
            raise LineError("line.sms_text", str(fault)) from None
        references = []
        for submit in submits:
            command = f"AT+CMGS={submit.tpdu_octets}"
            finished = await run(AtCommand(command, _SEND_S, submit.hex_text.encode("ascii")))
            if finished.result is Result.TIMEOUT:
                raise LineError("line.timeout", "the network took no message")
            if finished.result is not Result.OK:
                raise LineError("line.sms_refused", finished.final)
            answers = [line for line in finished.lines if line.startswith("+CMGS:")]
            references += fields_of(answers[0])[:1] if answers else []
        return ",".join(references)

    def _take(self, slot: int, pdu: str) -> None:
        checksum = _checksum(pdu)
        if self._told.get(slot) == checksum:
            return
        self._told[slot] = checksum
        self._told_at.pop(slot, None)
        try:
            message = decode_deliver(pdu)
        except PduError as fault:
            log.warning("a message on the SIM cannot be read (slot %d): %s", slot, fault)
            self._tell(PortFault(self._now_ns(), "line.sms_unreadable", True, f"slot {slot}"))
            return
        if message and (joined := self._assembly.add(slot, message, self._now())):
            self._tell_joined(joined)

    def _tell_joined(self, joined: Joined) -> None:
        self._told_at.update(dict.fromkeys(joined.slots, self._now()))
        reference = "+".join(f"{slot}:{self._told.get(slot, '')}" for slot in joined.slots)
        self._tell(
            SmsReceived(self._now_ns(), joined.sender, joined.text, joined.sent_at, reference)
        )


async def _read(run: Run, slot: int) -> str:
    finished = await run(AtCommand(f"AT+CMGR={slot}", _READ_S))
    return next((pdu for _, pdu in _pairs(finished.lines, "+CMGR:")), "")


def _pairs(lines: Iterable[str], beginning: str) -> Iterable[tuple[str, str]]:
    """A header line and the PDU in the line behind it."""
    header = ""
    for line in lines:
        if line.startswith(beginning):
            header = line
        elif header:
            yield header, line
            header = ""


def _checksum(pdu: str) -> str:
    return f"{zlib.crc32(pdu.upper().encode('ascii', 'replace')):08x}"


def _parse_reference(reference: str) -> list[tuple[int, str]]:
    pairs = [part.partition(":") for part in reference.split("+")]
    return [(int(slot), checksum) for slot, _, checksum in pairs if slot.isdecimal()]
