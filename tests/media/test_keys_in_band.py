"""DTMF as ITU-T Q.24 and analog-lines §5.5 want it heard: what is a key, what is none, and when."""

from __future__ import annotations

import random
import subprocess

import pytest

from appliance.media.api import KeyPressed, Listening
from appliance.media.signals import Detectors, Generator, KeyBegan
from tests.kit import line_signals as line

DIGITS = line.KEYS * 2
WITHIN_MS = 60.0
Q24_OFFSETS = [(0.015, 0), (-0.015, 0), (0, 0.015), (0, -0.015), (0.015, 0.015), (-0.015, -0.015)]
Q24_OFFSETS += [(0.015, -0.015), (-0.015, 0.015)]


class Dialled:
    """A row of keys with what a line adds, and what was heard of it."""

    def __init__(self, on_ms, off_ms, level_dbm0=-8.0, *, snr_db=None, under=(), seed=1, **shape):
        rng = random.Random(seed)
        samples, begins = line.silence(50 + rng.uniform(0, 16)), []
        for digit in DIGITS:
            begins.append(len(samples) / line.RATE_HZ)
            phase = rng.uniform(0, 6)
            samples += line.key(digit, on_ms, level_dbm0, phase=phase, **shape)
            samples += line.silence(off_ms)
        samples += line.silence(100)
        for hz, dbm0 in under:
            samples = line.mix(samples, line.sine(hz, len(samples) / 8, dbm0))
        if snr_db is not None:
            samples = line.Noise(seed).under(samples, level_dbm0 + 3 - snr_db)
        heard = Detectors(Listening(keys=True)).feed(line.octets(samples))
        began = [h for h in heard if isinstance(h.event, KeyBegan)]
        self.began = "".join(h.event.digit for h in began)
        self.ended = [h.event for h in heard if isinstance(h.event, KeyPressed)]
        self.latest_ms = max(
            (1000 * (h.at_s - at) for h, at in zip(began, begins, strict=False)), default=0.0
        )


def report(name, dialled):
    print(f"DTMF {name}: {len(dialled.began)}/{len(DIGITS)}, at {dialled.latest_ms:.0f} ms at most")


@pytest.mark.parametrize("level_dbm0", [0.0, -8.0, -25.0, -35.0])
def test_keys_of_40_ms_with_gaps_of_40(level_dbm0):
    dialled = Dialled(40, 40, level_dbm0)
    report(f"{level_dbm0:.0f} dBm0", dialled)
    assert dialled.began == DIGITS and dialled.latest_ms <= WITHIN_MS
    assert "".join(event.digit for event in dialled.ended) == DIGITS
    assert all(25 <= event.duration_ms <= 55 for event in dialled.ended)


@pytest.mark.parametrize("snr_db", [25.0, 15.0, 12.0])
def test_keys_in_noise(snr_db):
    dialled = Dialled(40, 40, -20.0, snr_db=snr_db)
    report(f"SNR {snr_db:.0f} dB", dialled)
    assert dialled.began == DIGITS and dialled.latest_ms <= WITHIN_MS


@pytest.mark.parametrize("offset", Q24_OFFSETS)
def test_frequencies_off_by_1_5_percent(offset):
    assert Dialled(40, 40, -10.0, offset=offset).began == DIGITS


@pytest.mark.parametrize("offset", [0.035, -0.035])
@pytest.mark.parametrize("which", [(1, 0), (0, 1), (1, 1), (1, -1)])
def test_frequencies_off_by_3_5_percent_are_none(offset, which):
    dialled = Dialled(100, 40, -10.0, offset=(which[0] * offset, which[1] * offset))
    assert dialled.began == ""


@pytest.mark.parametrize("twist_db", [-8.0, -4.0, 4.0])
def test_twist(twist_db):
    """The high tone up to 8 dB weaker (the line takes it) or 4 dB stronger."""
    assert Dialled(40, 40, -14.0, twist_db=twist_db).began == DIGITS


@pytest.mark.parametrize("twist_db", [-14.0, 10.0])
def test_too_much_twist_is_none(twist_db):
    assert Dialled(40, 40, -14.0, twist_db=twist_db).began == ""


@pytest.mark.parametrize("on_ms", [10, 20, 23])
@pytest.mark.parametrize("snr_db", [None, 15.0])
def test_what_is_too_short_is_none(on_ms, snr_db):
    assert Dialled(on_ms, 60, -20.0, snr_db=snr_db).began == ""


def test_a_break_of_10_ms_is_one_key():
    samples = line.silence(50) + line.key("5", 60) + line.silence(10) + line.key("5", 60)
    heard = Detectors(Listening(keys=True)).feed(line.octets(samples + line.silence(100)))
    assert [type(h.event) for h in heard] == [KeyBegan, KeyPressed]
    assert heard[1].event.duration_ms == pytest.approx(130, abs=10)


@pytest.mark.parametrize("under", [[(425.0, -13.0)], [(350.0, -13.0), (440.0, -13.0)]])
def test_keys_are_heard_while_dial_tone_sounds(under):
    assert Dialled(50, 50, -8.0, under=under).began == DIGITS


def test_keys_through_a_modem_of_eight_bits():
    samples = line.silence(50)
    for digit in DIGITS:
        samples += line.key(digit, 50, -22.0) + line.silence(50)
    coarse = [256.0 * round(value / 256) for value in samples + line.silence(100)]
    heard = Detectors(Listening(keys=True)).feed(line.octets(coarse))
    assert "".join(h.event.digit for h in heard if isinstance(h.event, KeyBegan)) == DIGITS


def test_a_held_key_is_told_once():
    samples = line.silence(50) + line.key("9", 5000) + line.silence(100)
    heard = Detectors(Listening(keys=True)).feed(line.octets(samples))
    assert [type(h.event) for h in heard] == [KeyBegan, KeyPressed]
    assert heard[1].event.duration_ms == pytest.approx(5000, abs=15)


def test_nothing_is_told_when_nobody_asked():
    samples = line.octets(line.key("1", 200) + line.silence(100))
    assert Detectors(Listening()).feed(samples) == []


# ---- kept from the other side


def muted(samples, lag, block=160):
    """What the other side gets: a block is fed, the one of ``lag`` samples ago goes out."""
    detectors, out = Detectors(Listening(keys=True)), []
    data = line.octets([*samples, *line.silence(200)])
    for at in range(0, len(samples) - block, block):
        detectors.feed(data[2 * at : 2 * (at + block)])
        begin = at - lag
        if begin < 0:
            out = list(samples[: begin + block])
        else:
            out += line.floats(detectors.mute(data[2 * begin : 2 * (begin + block)], lag))
    return out


@pytest.mark.parametrize(("lag", "left_ms"), [(240, 0), (160, 12)])
def test_no_key_reaches_the_other_side(lag, left_ms):
    voice = line.sine(300, 1000, -20)
    samples = line.mix(voice, line.silence(400) + line.key("7", 100))
    out = muted(samples, lag)
    begin, end = 400 * 8, (500 + 40) * 8
    heard = [i for i in range(begin, end - 10 * 8) if out[i]]
    assert len(heard) <= left_ms * 8
    assert any(out[begin - 25 * 8 : begin - 20 * 8]) and any(out[end + 80 : end + 240])


def test_speech_is_not_cut():
    """Of a recorded voice hardly anything is taken for a key's beginning."""
    voice = "/usr/share/asterisk/sounds/en_US_f_Allison/vm-intro.wav"
    raw = ["-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"]
    data = subprocess.run(["sox", voice, *raw], capture_output=True, check=True).stdout
    samples = line.floats(data)
    out = muted(samples, 240)
    cut = sum(1 for a, b in zip(samples, out, strict=False) if a and not b)
    print(f"speech cut: {100 * cut / len(out):.2f} %")
    assert cut <= len(out) / 200


# ---- an independent judge of what we make


def test_multimon_reads_our_keys(tmp_path):
    """multimon-ng, at its own 22050 Hz."""
    made = Generator().keys("0123456789*#ABCD", on_ms=70, off_ms=70, level_dbm0=-8.0)
    file = tmp_path / "keys.raw"
    file.write_bytes(bytes(3200) + made + bytes(3200))
    shape = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1"]
    wide = tmp_path / "wide.raw"
    subprocess.run(
        ["sox", *shape, "-r", "8000", str(file), *shape, "-r", "22050", str(wide)], check=True
    )
    said = subprocess.run(
        ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", str(wide)], capture_output=True, text=True
    ).stdout
    assert "".join(row[-1] for row in said.split("\n") if row.startswith("DTMF")) == (
        "0123456789*#ABCD"
    )
