"""The tone before a limit ends a call, measured in whole calls: a phone by raw RTP, baresip, and a
telephone on our wires. The other party hears none, nor does who called for help."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.calling import by_address, call, media_port
from tests.kit.office import Document, extension, office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.rtp_end import RtpEnd
from tests.kit.tone import Sound, from_alaw

BEEP_HZ, CALLER_HZ, CALLED_HZ = 1400, 440.0, 1000.0
FIRST_AT_S, LAST_AT_S, END_S = 10.0, 50.0, 60.0
BOUND_S = 0.7
HELP, BY_RTP, BY_BARESIP, BY_WIRE = "112", "2110000", "2220000", "2330000"
DESK = {"name": "desk", "kind": "fxs", "device": "sim:office?voices=steady", "extension": "2002"}


def document(ways: dict[str, Responder]) -> Document:
    """A minute a call, the first warning 50 s before its end; a provider for each number."""
    rules = [
        {"name": "help", "kinds": ["emergency"], "ways": ["112"]},
        *(
            {"name": number, "kinds": ["local"], "prefix": f"7495{number[:3]}", "ways": [number]}
            for number in ways
            if number != HELP
        ),
    ]
    return office(
        [extension(number, max_call_minutes=1) for number in (2001, 2002, 2003, 2004)],
        trunks=[by_address(name, provider) for name, provider in ways.items()],
        rules=rules,
        lines=[DESK],
        site={"end_warning_s": 50},
    )


class Provider:
    """Answers a call and speaks to it."""

    def __init__(self, stack: ExitStack, host: str) -> None:
        self.media = stack.enter_context(RtpEnd(hz=CALLED_HZ))
        self.sip = stack.enter_context(Responder(host=host))
        self.sip.rtp_host, self.sip.rtp_port = "127.0.0.1", self.media.port
        self.sip.start()

    def speak(self, box: Box) -> None:
        (invited,) = self.sip.wait_for_invites(1)
        self.media.send_to(box.host, media_port(invited.request.body))


class Talk:
    """A phone by raw SIP and RTP that talks with a provider. since: monotonic, its answer."""

    def __init__(self, stack: ExitStack, box: Box, user: str, number: str) -> None:
        self.media = stack.enter_context(RtpEnd(hz=CALLER_HZ))
        self.end = stack.enter_context(RawEnd())
        self.call = call(box, self.end, number, audio("127.0.0.1", self.media.port), user)
        self.call.invite()
        answer = self.call.final()
        assert answer.status == 200
        self.since = time.monotonic()
        self.call.acknowledge()
        self.media.send_to(box.host, media_port(answer.body))


def is_beep(sound: Sound) -> bool:
    return abs(sound.frequency_hz() - BEEP_HZ) < 40 and sound.level_dbfs() > -30


def beeps(media: RtpEnd, since: float) -> list[float]:
    """When the tone began, in seconds since then, however often it beeped."""
    heard = [p.at_s - since for p in media.received() if is_beep(from_alaw(p.payload))]
    return [at for at, before in zip(heard, [-9.0, *heard], strict=False) if at - before > 2]


def beeps_of(sound: Sound) -> list[tuple[float, float]]:
    """From when to when the tone lasted, in a recording."""
    parts = [
        at / 20
        for at in range(int(sound.seconds * 20))
        if is_beep(sound.part(at / 20, at / 20 + 0.05))
    ]
    found: list[tuple[float, float]] = []
    for at in parts:
        begins = at if not found or at - found[-1][1] > 2 else found.pop()[0]
        found.append((begins, at))
    return found


class Telephone:
    """The simulated telephone on our wires, watched by what its ear hears."""

    def __init__(self, box: Box, number: str) -> None:
        self._box = box
        box.control("line_lift", line="desk")
        wait_until(lambda: abs(self.hears() - 425) < 15, 15, "a dial tone")
        box.control("line_dial", line="desk", digits=number)
        self.heard: list[tuple[float, float]] = []

    def hears(self) -> float:
        (row,) = self._box.control("lines", line="desk")["lines"]
        return float(row["figures"]["heard_hz"])

    def watch(self, until_s: float) -> None:
        """Note what it hears, and when (monotonic)."""

        def note() -> bool:
            self.heard.append((time.monotonic(), self.hears()))
            return time.monotonic() >= until_s

        wait_until(note, until_s - time.monotonic() + 5, "the time is over")

    def pitches(self, moments: list[float]) -> list[float]:
        return [pitch for at, pitch in self.heard if at in moments]

    def loud(self, from_s: float, to_s: float, hz: float) -> list[float]:
        return [at for at, pitch in self.heard if from_s <= at < to_s and pitch > hz]


def near(moments: list[float], wanted: list[float]) -> bool:
    """As many, none early by more than rounding nor late by more than a tick of everything."""
    pairs = zip(moments, wanted, strict=False)
    return len(moments) == len(wanted) and all(-0.2 < at - due < BOUND_S for at, due in pairs)


def test_callers_hear_the_end_come_and_the_talk_goes_on(
    make_box: Callable[..., Box], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        hosts = {HELP: "127.0.0.2", BY_RTP: "127.0.0.3", BY_BARESIP: "127.0.0.4"}
        ways = {number: Provider(stack, host) for number, host in hosts.items()}
        ways[BY_WIRE] = Provider(stack, "127.0.0.5")
        box = make_box(document({number: way.sip for number, way in ways.items()}))
        options = BaresipOptions(
            user="2003", registrar=f"127.0.0.1:{box.sip_port}", secret=secret_of("2003")
        )
        program = stack.enter_context(Baresip(tmp_path, options))
        program.register()
        for_help = Talk(stack, box, "2004", HELP)
        telephone = Telephone(box, "9" + BY_WIRE)
        ways[BY_WIRE].sip.wait_for_invites(1, 15)
        wire_since = time.monotonic()
        talk = Talk(stack, box, "2001", "9" + BY_RTP)
        program.dial("9" + BY_BARESIP)
        program.wait_for_event("CALL_ESTABLISHED")
        for number in (HELP, BY_RTP, BY_BARESIP):
            ways[number].speak(box)
        telephone.watch(wire_since + FIRST_AT_S + 5)
        ways[BY_WIRE].speak(box)  # up to here it was silent
        telephone.watch(wire_since + LAST_AT_S + 5)
        program.wait_for_event("CALL_CLOSED", 30)
        rows = box.wait_for_journal(3)

        # by RTP: twice, and the talk goes on after each
        assert near(beeps(talk.media, talk.since), [FIRST_AT_S, LAST_AT_S])
        after = [p for p in talk.media.received() if 12 < p.at_s - talk.since < 49]
        assert len(after) > 37 * 48
        assert Sound(from_alaw(b"".join(p.payload for p in after)).samples).heard().is_tone(1000)
        assert ways[BY_RTP].media.sound().heard().is_tone(CALLER_HZ)
        # baresip heard the same
        sound = program.heard()
        first, last = beeps_of(sound)
        assert near([first[0], last[0]], [FIRST_AT_S, LAST_AT_S])
        assert 0.3 < first[1] - first[0] < 0.7 and 0.8 < last[1] - last[0] < 1.4
        assert sound.part(first[1] + 0.3, last[0] - 0.3).heard().is_tone(CALLED_HZ)
        # the telephone: silence, the beeps, silence; the talk; the beeps over the talk
        quiet = telephone.loud(wire_since + 2, wire_since + FIRST_AT_S - 0.5, 100)
        heard = telephone.loud(wire_since + 2, wire_since + FIRST_AT_S + 4.5, 500)
        assert not quiet and near([heard[0] - wire_since], [FIRST_AT_S])
        assert heard[-1] - heard[0] < 1.5
        talked = telephone.loud(wire_since + 17, wire_since + LAST_AT_S - 0.5, 950)
        assert len(talked) > 150 and max(telephone.pitches(talked)) < 1020
        beeped = telephone.loud(wire_since + LAST_AT_S - 0.2, wire_since + LAST_AT_S + 2, 0)
        assert min(telephone.pitches(beeped)) < 920  # half a second of beeps and their gaps
        # nobody else
        for number in ways:
            assert beeps(ways[number].media, 0.0) == []
        assert beeps(for_help.media, 0.0) == []
        assert [row["cause"] for row in rows] == ["limit"] * 3
        assert all(abs(row["talk_s"] - END_S) < 1 for row in rows)
        for_help.media.forget()
        for_help.media.wait_for_packets(20)  # past its minute
        assert for_help.call.hang_up() == 200
