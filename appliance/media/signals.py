"""Signals of analog lines without a line: the detectors and generators of the C core over samples.

Owns C objects, each for one caller at a time. What a line stream hears while it runs is the same
code (native/detect.h); here it reads recordings (tests, benchmarks) and makes signals to be played.
Samples are octets of s16le, 8 kHz. What to listen for: tone_watches.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance.media.api import (
    CadenceHeard,
    CallerIdHeard,
    KeyPressed,
    Listening,
    MediaEvent,
    ToneHeard,
    ToneWatch,
)
from appliance.media.core_words import CALLER_ID_FAMILIES
from appliance.media.native._core import ffi, lib
from drivers.country import ToneSegment

SAMPLE_RATE_HZ = 8000
METHODS = {
    "fsk_v23": lib.CALLER_ID_V23,
    "fsk_bell202": lib.CALLER_ID_BELL202,
    "dtmf": lib.CALLER_ID_DTMF,
    "aon": lib.CALLER_ID_AON,
}
ON_HOOK_BITS = (300, 180)  # seizure and marks before caller id to a phone that rings


@dataclass(frozen=True, slots=True)
class KeyBegan:
    """A key sounds; its KeyPressed follows when it is over."""

    stream: int
    digit: str


@dataclass(frozen=True, slots=True)
class Heard:
    """at_s: seconds of the recording that had been read when it was certain."""

    at_s: float
    event: MediaEvent | KeyBegan


def detect_config(listening: Listening) -> Any:
    """``struct detect_config *`` of what is to be listened for; a tone's id is the index of the
    first watch of its name. Raises ValueError when there are too many watches or frequencies."""
    config = ffi.new("struct detect_config *")
    if len(listening.tones) > lib.DETECT_WATCHES:
        raise ValueError(f"more than {lib.DETECT_WATCHES} tones to listen for")
    config.hears_keys = listening.keys
    for method in listening.caller_id:
        config.caller_id |= METHODS[method]
    config.silence_ms = round(listening.silence_s * 1000)
    config.finds_cadence = listening.cadence
    config.watch_count = len(listening.tones)
    names = [watch.tone for watch in listening.tones]
    for native, watch in zip(config.watches, listening.tones, strict=False):
        _fill_watch(native, watch, names.index(watch.tone))
    return config


def _fill_watch(native: Any, watch: ToneWatch, number: int) -> None:
    if len(watch.frequencies_hz) > lib.DETECT_HZ or len(watch.pattern_ms) > lib.DETECT_PATTERN:
        raise ValueError(f"the tone {watch.tone} has too many parts")
    native.id = number
    native.hz_count, native.hz[0 : len(watch.frequencies_hz)] = (
        len(watch.frequencies_hz),
        list(watch.frequencies_hz),
    )
    native.pattern_count = len(watch.pattern_ms)
    native.pattern_ms[0 : len(watch.pattern_ms)] = list(watch.pattern_ms)
    native.cycles, native.least_ms = watch.cycles, watch.least_ms
    native.tolerance_hz, native.is_in_turn = watch.tolerance_hz, watch.is_in_turn


def read_detection(native: Any, listening: Listening, stream: int) -> MediaEvent | KeyBegan:
    """An event out of a ``struct detection`` that ``listening`` led to."""
    if native.kind == lib.DETECTED_KEY_BEGAN:
        return KeyBegan(stream, native.digit.decode("ascii"))
    if native.kind == lib.DETECTED_KEY:
        return KeyPressed(stream, native.digit.decode("ascii"), native.on_ms)
    if native.kind == lib.DETECTED_CALLER_ID:
        message = bytes(ffi.buffer(native.message, native.length))
        return CallerIdHeard(stream, CALLER_ID_FAMILIES[native.method], message)
    if native.kind == lib.DETECTED_SILENCE:
        return ToneHeard(stream, "silence", 0.0, native.level_dbm0, native.on_ms, 0)
    if native.kind == lib.DETECTED_CADENCE:
        hz = (native.hz, native.second_hz) if native.second_hz else (native.hz,)
        figures = (native.on_ms, native.off_ms, native.level_dbm0, native.lasted_ms)
        return CadenceHeard(stream, hz, *figures, native.second_on_ms, native.second_off_ms)
    tone = listening.tones[native.id].tone
    return ToneHeard(stream, tone, native.hz, native.level_dbm0, native.on_ms, native.off_ms)


class Detectors:
    """Listens to a recording, or to anything that comes in blocks.

    Raises ValueError when what to listen for makes no sense (a frequency or a pattern).
    """

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._native = ffi.gc(lib.detectors_new(), lib.detectors_free)
        if lib.detectors_configure(self._native, detect_config(listening)):
            raise ValueError("nothing can be listened for so: check frequencies and patterns")
        self._found = ffi.new("struct detection *")

    def feed(self, samples: bytes) -> list[Heard]:
        """What was heard in this block; any whole number of samples."""
        heard: list[Heard] = []
        block = SAMPLE_RATE_HZ  # octets: half a second, so that no result is lost
        for start in range(0, len(samples), block):
            part = ffi.from_buffer("int16_t[]", samples[start : start + block])
            lib.detectors_feed(self._native, part, len(part))
            heard += self._take()
        return heard

    def mute(self, samples: bytes, lag: int) -> bytes:
        """A block on its way to the other side without what belongs to a key; lag: how many
        samples were fed after its last one."""
        block = bytearray(samples)
        lib.detectors_mute(self._native, ffi.from_buffer("int16_t[]", block), len(block) // 2, lag)
        return bytes(block)

    def _take(self) -> list[Heard]:
        heard = []
        while lib.detectors_take(self._native, self._found):
            event = read_detection(self._found, self._listening, 0)
            heard.append(Heard(self._found.at / SAMPLE_RATE_HZ, event))
        return heard


class Generator:
    """Makes one signal after another; each method gives all its samples.

    Raises ValueError for what cannot be made (an unknown digit, a level above +3 dBm0).
    """

    def __init__(self) -> None:
        self._native = ffi.gc(lib.generator_new(), lib.generator_free)

    def keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> bytes:
        """DTMF: ``0``-``9 * # A``-``D``, ``,`` = 1 s of silence."""
        _check(lib.generate_keys(self._native, digits.encode("ascii"), on_ms, off_ms, level_dbm0))
        return self._all()

    def tone(
        self, segments: Sequence[ToneSegment], *, level_dbm0: float, periods: int = 1
    ) -> bytes:
        """So many periods of a tone; level of each frequency by itself."""
        steps = ffi.new("struct tone_step[]", len(segments))
        for step, segment in zip(steps, segments, strict=True):
            step.duration_ms, step.hz_count = segment.duration_ms, len(segment.frequencies_hz)
            step.hz[0 : step.hz_count] = list(segment.frequencies_hz)
        _check(lib.generate_tone(self._native, steps, len(segments), False, level_dbm0))
        return self._all() * periods

    def caller_id(
        self,
        message: bytes,
        method: str,
        *,
        bits: tuple[int, int] = ON_HOOK_BITS,
        level_dbm0: float = -13.5,
    ) -> bytes:
        """A whole FSK message (drivers.caller_id makes it); bits: seizure and marks before it."""
        signal = ffi.new("struct caller_id_signal *")
        signal.method, signal.level_dbm0 = METHODS[method], level_dbm0
        signal.seizure_bits, signal.mark_bits = bits
        _check(lib.generate_caller_id(self._native, message, len(message), signal))
        return self._all()

    def aon(self, symbols: str, *, level_dbm0: float) -> bytes:
        """2-of-6, 40 ms a symbol: ``0``-``9``, ``S`` start, ``R`` repeat."""
        _check(lib.generate_aon(self._native, symbols.encode("ascii"), level_dbm0))
        return self._all()

    def _all(self) -> bytes:
        parts, block = [], ffi.new("int16_t[]", SAMPLE_RATE_HZ)
        while True:
            made = lib.generator_fill(self._native, block, SAMPLE_RATE_HZ)
            parts.append(bytes(ffi.buffer(block, made * 2)))
            if made < SAMPLE_RATE_HZ:
                return b"".join(parts)


def _check(error: int) -> None:
    if error:
        raise ValueError("this signal cannot be made")
