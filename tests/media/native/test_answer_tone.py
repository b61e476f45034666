"""The answering tone of fax machines and modems: spandsp and sox say it, an hour of speech not."""

from __future__ import annotations

import subprocess
from array import array

import pytest

from benchmarks import talk_off
from tests.kit import spandsp
from tests.media.native.test_native import HERE, NATIVE, STRICT, run


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """When it is heard in so many samples, in ms."""
    program = str(tmp_path_factory.mktemp("answer") / "answer_tone")
    sources = [str(NATIVE / "line_answer.c"), str(HERE / "answer_tone.c")]
    run("gcc", *STRICT, "-O2", *sources, "-o", program, "-lm")

    def hear(octets):
        done = subprocess.run([program], input=octets, capture_output=True, check=True)
        return [int(line) for line in done.stdout.split()]

    return hear


def sox(*effects, noise=0.0):
    """What sox makes of these, 8 kHz."""
    raw = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1"]
    command = ["sox", "-n", "-r", "8000", *raw, "-", *effects]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    if not noise:
        return made
    command = [
        "sox",
        "-n",
        "-r",
        "8000",
        *raw,
        "-",
        "synth",
        "10",
        "whitenoise",
        "gain",
        str(noise),
    ]
    hiss = array("h", subprocess.run(command, capture_output=True, check=True).stdout)
    tone = array("h", made)
    both = (max(-32768, min(32767, a + b)) for a, b in zip(tone, hiss, strict=False))
    return array("h", both).tobytes()


def turning(hz, level_db, turn_s=0.45, turn_percent=50, noise=0.0):
    """Four seconds of it; its phase goes on by so much of a period each turn_s."""
    parts = []
    for number in range(round(4 / turn_s)):
        phase = 100 * hz * turn_s * number + turn_percent * number
        parts += ["synth", str(turn_s), "sine", str(hz), "0", f"{phase % 100:.3f}"]
        parts += ["gain", str(level_db), ":"]
    return sox(*parts[:-1], noise=noise)


@pytest.mark.parametrize("kind", [spandsp.ANS_PR, spandsp.ANSAM_PR])
@pytest.mark.parametrize("cut", range(0, 80, 20))
def test_spandsp_is_heard_within_a_second_and_a_half(heard, kind, cut):
    """Two reversals, the first of them 450 ms after the tone began; blocks fall anywhere."""
    (first, *_) = heard(spandsp.answering(kind)[2 * cut :])
    print(f"heard after {first} ms")
    assert first <= 1500


@pytest.mark.parametrize("kind", [spandsp.ANS, spandsp.ANSAM])
def test_a_tone_that_does_not_turn_leaves_the_canceller_on(heard, kind):
    """T.30's CED of an ordinary fax machine: G.164's suppressors heed it, cancellers do not."""
    assert heard(spandsp.answering(kind)) == []


@pytest.mark.parametrize("hz", [2079, 2085, 2100, 2115, 2121])
@pytest.mark.parametrize("level_db", [-6, -20, -31])
def test_sox_is_heard_within_the_limits_of_g164(heard, hz, level_db):
    assert heard(turning(hz, level_db))[0] <= 1500


@pytest.mark.parametrize("turn_percent", [43, 57])
def test_a_reversal_may_be_25_degrees_off(heard, turn_percent):
    assert heard(turning(2100, -12, turn_percent=turn_percent))


@pytest.mark.parametrize("noise", [-24.0, -30.0])
def test_it_is_heard_in_noise(heard, noise):
    assert heard(turning(2100, -12, noise=noise))


@pytest.mark.parametrize(
    ("hz", "turn_s", "turn_percent"),
    [
        (2100, 0.45, 30),  # 108 degrees
        (2100, 0.3, 50),
        (2100, 0.7, 50),
        (1900, 0.45, 50),
        (2350, 0.45, 50),
        (1050, 0.45, 50),
    ],
)
def test_what_is_no_answering_tone_is_none(heard, hz, turn_s, turn_percent):
    assert heard(turning(hz, -12, turn_s, turn_percent)) == []


def test_an_hour_of_speech_and_music_has_none(heard):
    seconds = 0.0
    for name, samples, _ in talk_off.corpus(1.0):
        seconds += len(samples) / 16000
        assert heard(samples) == [], name
    assert seconds >= 3600
