"""A device whose silence is not zero: many an 8-bit codec's middle lies beside 0x80."""

from __future__ import annotations

import pytest

from appliance.media.api import AnswerToneHeard, KeyPressed, Listening, ToneHeard, ToneWatch
from drivers.api import Encoding
from tests.kit import line_signals, spandsp
from tests.media.lines.device import frames_of
from tests.media.phones import wait_for

OFFSET = 3 * 256  # three steps of eight bits
BUSY = ToneWatch("busy", (425.0,), (350, 350), cycles=3)


def beside(samples):
    """16-bit samples as frames of 20 ms."""
    octets = line_signals.octets([min(sample + OFFSET, 32767) for sample in samples])
    return frames_of(octets, 320)


@pytest.fixture
def device(make_device):
    return make_device(Encoding.S16LE)


@pytest.fixture
def line(plane, device):
    return plane.open_line(device.audio)


def test_its_silence_is_silence(device, line, log):
    line.listen(Listening(silence_s=1.0))
    device.exchange(beside(line_signals.silence(2500)))
    (heard,) = log.wait_for(ToneHeard)
    assert heard.tone == "silence"
    statistics = line.line_statistics()
    assert statistics.level_in_dbm0 < -60, "nobody is taken for an answer"
    began = statistics.silent_s
    assert wait_for(lambda: line.line_statistics().silent_s > began)


def test_its_level_is_that_of_the_sound(device, line):
    device.exchange(beside(line_signals.sine(1000, 1500, -35)))
    assert line.line_statistics().level_in_dbm0 == pytest.approx(-35, abs=0.5)


def test_faint_tones_and_keys_are_found(device, line, log):
    line.listen(Listening(keys=True, tones=(BUSY,)))
    beat = [*line_signals.sine(425, 350, -35), *line_signals.silence(350)]
    device.exchange(beside(beat * 4))
    assert [heard.tone for heard in log.wait_for(ToneHeard)] == ["busy"]
    for digit in "59":
        key = [*line_signals.key(digit, 60, -32), *line_signals.silence(60)]
        device.exchange(beside([*key, *line_signals.silence(40)]))
    assert [key.digit for key in log.wait_for(KeyPressed, 2)] == ["5", "9"]


def test_a_fax_that_answers_is_found(device, line, log):
    samples = spandsp.answering(spandsp.ANSAM_PR)
    octets = memoryview(samples).cast("h")
    device.exchange(beside([sample // 8 for sample in octets])[:150])
    assert log.wait_for(AnswerToneHeard) == [AnswerToneHeard(line.number)]
