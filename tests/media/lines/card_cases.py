"""What test_cards.py runs in a process of its own: CASE RATE_HZ; the result is printed as JSON."""

from __future__ import annotations

import json
import resource
import select
import sys
import time
from contextlib import closing

from appliance.errors import MediaError
from appliance.media.api import LineEnded, LineStalled, Listening, ToneHeard, ToneWatch
from appliance.media.session import NativeMediaPlane
from appliance.rtp.g711 import Law, encode_g711
from drivers.api import AudioDescriptor, Encoding
from tests.kit import line_signals
from tests.media.conftest import RANGE
from tests.media.phones import wait_for

LOW_HZ, HIGH_HZ, LEVEL_DBM0 = 500.0, 1500.0, -12.0
WATCHES = Listening(
    tones=(
        ToneWatch("low", (LOW_HZ,), least_ms=200),
        ToneWatch("high", (HIGH_HZ,), least_ms=200),
    )
)


def audio_of(name, channel, rate_hz):
    return AudioDescriptor(
        Encoding.S16LE,
        alsa_capture=name,
        alsa_playback=name,
        alsa_channel=channel,
        sample_rate_hz=rate_hz,
        queue_ms=100,
    )


def sound(hz):
    octets = line_signals.octets(line_signals.sine(hz, 1000, LEVEL_DBM0))
    return encode_g711(octets, Law.PCMA)


def patiently(fact, *lines):
    """Asks for 30 s: the machine may be busy with others."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if fact():
            return
        select.select([], [], [], 0.02)
    raise AssertionError([line.line_statistics() for line in lines])


def share(plane, rate_hz):
    heard = {}

    def is_heard():
        tones = [event for event in plane.events() if isinstance(event, ToneHeard)]
        heard.update({event.stream: event.tone for event in tones})
        return len(heard) == 2

    left = plane.open_line(audio_of("codec", 0, rate_hz))
    right = plane.open_line(audio_of("codec", 1, rate_hz))
    for line, hz in ((left, LOW_HZ), (right, HIGH_HZ)):
        line.listen(WATCHES)
        line.play(sound(hz), payload_type=8, repeats=True)
    patiently(is_heard, left, right)
    patiently(lambda: left.line_statistics().frames_in > 75, left)
    try:
        plane.open_line(audio_of("codec", 1, rate_hz))
        third = ""
    except MediaError as error:
        third = error.key
    level = left.line_statistics().level_in_dbm0
    left.close()
    right.close()
    return {
        "left_heard": heard[left.number],
        "right_heard": heard[right.number],
        "third": third,
        "level": level,
        "played": LEVEL_DBM0,
    }


def absent(plane, rate_hz):
    try:
        plane.open_line(audio_of("no_such_card", 0, rate_hz))
    except MediaError as error:
        return {"key": error.key}
    return {}


def null(plane, rate_hz):
    line = plane.open_line(audio_of("nothing", 0, rate_hz))
    began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    wait_for(lambda: line.line_statistics().frames_in > 200)
    busy = resource.getrusage(resource.RUSAGE_SELF).ru_utime - used
    return {
        "frames_in": line.line_statistics().frames_in,
        "busy": busy / (time.monotonic() - began),
    }


def stalls(plane, rate_hz):
    told = []

    def is_back():
        told.extend(event for event in plane.events() if isinstance(event, LineStalled))
        return len(told) >= 2

    line = plane.open_line(audio_of("codec", 0, rate_hz))
    patiently(is_back, line)
    frames = line.line_statistics().frames_in
    patiently(lambda: line.line_statistics().frames_in > frames + 50, line)
    return {"told": [[event.is_stalled, event.was_heard] for event in told]}


def returns(plane, rate_hz):
    ended = []

    def are_over():
        ended.extend(event for event in plane.events() if isinstance(event, LineEnded))
        return len(ended) >= 2

    left, right = (plane.open_line(audio_of("codec", channel, rate_hz)) for channel in (0, 1))
    patiently(are_over, left, right)
    left.close()
    line = plane.open_line(audio_of("codec", 0, rate_hz))
    patiently(lambda: line.line_statistics().frames_in > 50, line)
    return {"ended": len(ended), "heard": True}


CASES = {"share": share, "absent": absent, "null": null, "stalls": stalls, "returns": returns}

if __name__ == "__main__":
    case = CASES[sys.argv[1]]
    with closing(NativeMediaPlane(RANGE)) as media:
        print(json.dumps(case(media, int(sys.argv[2]))))
