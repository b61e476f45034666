"""A million octets of anything from a modem: nothing breaks, and no call comes about that nobody
dialled or answered."""

from __future__ import annotations

from random import Random

from drivers.at import AtCommand, AtDialogue, AtNews
from drivers.cellular.calls import CallTracker, State
from drivers.cellular.reports import (
    NEWS,
    CallChanged,
    parse_operator,
    parse_registration_answer,
    parse_report,
    parse_signal_dbm,
)

LINES = [
    b"RING",
    b'+CLIP: "+79161234567",145,,,,0',
    b'+QIND: "ccinfo",1,1,0,0,0,"112",129',
    b"^DSCI: 1,0,3,0,112,129",
    b'+CLCC: 1,0,0,0,0,"112",129',
    b"VOICE CALL: BEGIN",
    b"NO CARRIER",
    b"+CREG: 2,1",
    b'+CMTI: "SM",3',
    b"+QPCMV: 0,0",
    b"OK",
    b"+CME ERROR: 16",
    b"> ",
]
COMMANDS = [
    AtCommand("AT+CLCC"),
    AtCommand("AT+CMGS=5", 40, b"00"),
    AtCommand("ATA", 30, None, True),
]


def noise(random: Random) -> bytes:
    if random.random() < 0.3:
        return random.randbytes(random.randrange(400))
    line = bytearray(b"\r\n" + random.choice(LINES) + random.choice((b"\r\n", b"\r", b"")))
    if random.random() < 0.4:
        line[random.randrange(len(line))] = random.randrange(256)
    return bytes(line)


def test_a_million_octets_of_anything() -> None:
    random, dialogue, tracker = Random(9), AtDialogue(NEWS), CallTracker()
    fed, now, heard = 0, 0.0, 0
    while fed < 1_000_000:
        octets = noise(random)
        fed += len(octets)
        now += random.random()
        if dialogue.next_timeout() is None:
            dialogue.submit(random.choice(COMMANDS), now)
        dialogue.receive(octets, now)
        dialogue.handle_timeout(now)
        dialogue.octets_to_send()
        while event := dialogue.next_event():
            lines = [event.line] if isinstance(event, AtNews) else list(event.lines)
            for line in lines:
                heard += 1
                report = parse_report(line)
                for parse in (parse_registration_answer, parse_operator, parse_signal_dbm):
                    parse(line)
                if report is not None:
                    tracker.hear(report)
            if not isinstance(event, AtNews):
                reports = (parse_report(line) for line in event.lines)
                tracker.hear_poll([r for r in reports if isinstance(r, CallChanged)])
        assert tracker.state in (State.IDLE, State.RINGING)
    assert heard > 1000
