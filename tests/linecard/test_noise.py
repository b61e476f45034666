"""Tests of drivers/linecard over a noisy wire, and of both its ends with octets of any kind."""

from __future__ import annotations

import subprocess
from random import Random

import pytest

from drivers.linecard.frame import Frame, FrameType, encode_frame
from drivers.linecard.messages import (
    CardEvent,
    Command,
    Status,
    encode_audio,
    encode_ring,
)
from drivers.linecard.session import (
    Closed,
)
from tests.kit.line_card import fuzzer
from tests.linecard.wire import open_wire, wire


def test_no_event_is_lost_and_no_command_done_twice_at_a_bit_error_rate_of_1e_5(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A minute with audio on four ports: 40 million bits, some hundred errors."""
    with open_wire("ssoo", noise=1e-5, seed=11) as w:
        w.echoes = True
        for port in range(4):
            w.order(port, encode_audio(True))
        sent, rings = 0, 0
        for _ in range(240):
            w.card.rung(2, True, w.now)
            w.run(0.06)
            w.card.rung(2, False, w.now)
            sent += 1
            if sent % 4 == 0:
                rings += 1
                assert w.order(0, encode_ring((100, 4000))).status == Status.DONE
                assert w.order(0, bytes((Command.RING_STOP,))).status == Status.DONE
            w.run(0.14)
        w.run(2.0)
        assert not w.told(Closed)
        assert len(w.happened(CardEvent.RING_ON)) == sent
        assert len(w.happened(CardEvent.RING_OFF)) == sent
        assert w.card.rings(0) == rings
        with capsys.disabled():
            print(
                f"\nBER 1e-5: {w.noise.flipped} bits flipped, {sent * 2} events and "
                f"{rings * 2} commands, 0 lost, 0 twice; frames dropped: host "
                f"{w.session.bad_frames}, card {w.card.figures['bad_frames']}; repeated: host "
                f"{w.session.repeated}, card {w.card.figures['repeated']}"
            )
        assert w.noise.flipped > 50
        assert w.session.bad_frames + w.card.figures["bad_frames"] > 30


def test_on_a_wire_twenty_times_worse_frames_are_repeated_and_none_is_lost() -> None:
    with open_wire("so", noise=2e-4, seed=3) as w:
        for _ in range(150):
            w.card.rung(1, True, w.now)
            w.run(0.05)
            w.card.rung(1, False, w.now)
            w.run(0.05)
        w.run(2.0)
        assert not w.told(Closed)
        assert len(w.happened(CardEvent.RING_ON)) == len(w.happened(CardEvent.RING_OFF)) == 150
        assert w.card.figures["repeated"] > 3


def test_the_host_lives_through_a_million_octets_of_anything() -> None:
    random = Random(5)
    with wire("ss") as w:
        w.run(0.5)
        session = w.session
        kinds = [int(kind) for kind in FrameType] + [0x55]
        fed, now = 0, w.now
        while fed < 1_000_000:
            if random.random() < 0.5:
                octets = random.randbytes(random.randrange(800))
            else:
                payload = random.randbytes(random.randrange(64))
                octets = encode_frame(
                    Frame(random.choice(kinds), random.randrange(256), random.randrange(9), payload)
                )
            fed += len(octets)
            now += random.random() * 0.3
            session.receive(octets, now)
            session.command(random.randrange(9), b"\1", now)
            session.handle_timeout(now)
            session.octets_to_send()
            while session.next_event():
                pass


def test_the_card_lives_through_a_million_octets_of_anything_under_sanitizers() -> None:
    """ASan and UBSan; ringing never lasts longer than 3 s, silence leaves it safe."""
    done = subprocess.run(
        [str(fuzzer()), "1000000", "42"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "safe 1" in done.stdout
