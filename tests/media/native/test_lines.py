"""Lines of the C core by themselves: hours of virtual time, and the echo of a hybrid."""

from __future__ import annotations

import json
import subprocess
import wave
from pathlib import Path

import pytest

from appliance.media.native import build
from tests.media.native.test_native import (
    FUZZ_SECONDS,
    HERE,
    LIBRARIES,
    NATIVE,
    SOURCES,
    STRICT,
    run,
)

SOUNDS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
#: What has no descriptor and no lock: a line's voice and what it calls.
VOICE = [
    str(NATIVE / source)
    for source in build.SOURCES
    if source.startswith(("detect", "generate", "line_", "packet", "recorder"))
    and source
    not in ("line_card.c", "line_cards.c", "line_commands.c", "line_links.c", "line_watch.c")
]
STORM_OCTETS = {"address,undefined": 100_000 * FUZZ_SECONDS, "thread": 20_000 * FUZZ_SECONDS}


def compiled(directory: Path, name: str) -> str:
    program = str(directory / name)
    run("gcc", *STRICT, "-O2", *VOICE, str(HERE / f"{name}.c"), "-o", program, *LIBRARIES)
    return program


def figures(*command: object) -> dict[str, float]:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def hours(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("hours"), "line_hours")


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("echo"), "line_echo")


@pytest.mark.parametrize(
    ("device_ppm", "far_ppm", "jitter_us", "burst", "far_end", "unit"),
    [
        (200, -200, 0, 1, "rtp", 0),
        (-200, 200, 3000, 2, "rtp", 0),
        (200, -200, 0, 2, "lines", 0),
        (200, -200, 0, 1, "rtp", 80),
        (-200, 200, 3000, 2, "rtp", 160),
    ],
)
def test_an_hour_loses_and_repeats_nothing(
    hours, device_ppm, far_ppm, jitter_us, burst, far_end, unit
):
    """No sample is lost or repeated on either way, and nothing runs away from the clocks."""
    found = figures(hours, 3600, device_ppm, far_ppm, jitter_us, burst, far_end, unit)
    assert found["breaks_to_line"] == found["breaks_from_line"] == 0
    assert found["slips"] == found["concealed"] == found["late"] == 0
    assert found["samples"] == pytest.approx(3600 * 8000, abs=160)
    assert found["packets"] == pytest.approx(180000, abs=160 if unit else 1)
    late_ms = 5 if unit else 10 * burst
    assert found["spread_ms"] < late_ms + 1, "RTP leaves as its timestamps say, by our clock"
    assert found["device_ppm"] == pytest.approx(device_ppm, abs=2)
    assert found["far_ppm"] == pytest.approx(far_ppm - device_ppm, abs=5)
    assert found["delay_ms"] < 5 + jitter_us / 1000


def test_much_jitter_is_waited_for(hours):
    """20 ms of it: after the first minute nothing is concealed any more."""
    minute = figures(hours, 60, 100, -100, 20000, 2, "rtp", 0)
    longer = figures(hours, 600, 100, -100, 20000, 2, "rtp", 0)
    assert longer["concealed"] == minute["concealed"]
    assert longer["delay_ms"] < 30


def test_what_a_slip_left_out_is_not_heard_later(tmp_path):
    """Where the far end pauses a second after it."""
    assert figures(compiled(tmp_path, "line_slip")) == {"slips": 1, "loudest": 0}


@pytest.fixture(scope="module")
def delay(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("delay"), "line_delay")


@pytest.mark.parametrize(
    ("kind", "framing", "chunk_ms", "frame_octets", "queue_ms", "lead_ms", "hold_ms", "most_ms"),
    [
        ("modem", (1, 1), 16, 0, 40, -1, 0, 60),
        ("codec", (0, 0), 5, 0, 20, -1, 0, 40),
        ("cellular", (0, 0), 20, 320, 20, 0, 10, 40),
        ("line card", (2, 0), 10, 80, 20, 0, 10, 30),
    ],
)
@pytest.mark.parametrize("ppm", [-200, 200])
def test_delay_is_small(
    delay, kind, framing, chunk_ms, frame_octets, queue_ms, lead_ms, hold_ms, most_ms, ppm
):
    """All of it: what the device collects (chunk_ms) and keeps ahead (lead_ms by the core, hold_ms
    by itself or its driver), and the 20 ms of a packet. At ±200 ppm every phase of packets and
    device comes by."""
    settings = (chunk_ms, frame_octets, queue_ms, lead_ms, hold_ms, ppm)
    found = figures(delay, *framing, *settings, 500)
    print(f"{kind}: {found}")
    assert found["clicks"] == [150, 150]
    assert found["gaps"] == 0
    assert found["to_line_most_ms"] <= most_ms
    assert found["from_line_most_ms"] <= most_ms


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Twenty seconds of two different announcements as s16le."""
    paths = []
    for name in ("demo-congrats", "demo-instruct"):
        with wave.open(str(SOUNDS / f"{name}.wav")) as file:
            assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
            octets = file.readframes(160000)
        paths.append(tmp_path_factory.mktemp("speech") / name)
        paths[-1].write_bytes(octets)
    return paths


@pytest.mark.parametrize("delay_ms", [12, 40, 80, 120])
@pytest.mark.parametrize("erl_db", [6, 12, 20])
def test_echo_is_taken_away_within_a_second(echo, speech, erl_db, delay_ms):
    found = figures(echo, *speech, erl_db, delay_ms, min(delay_ms, 20), "speech")
    assert found["early_db"] >= 25
    assert found["late_db"] >= 25
    assert found["delay_ms"] == pytest.approx(delay_ms, abs=6)


def test_an_echo_that_moves_is_followed(echo, speech):
    """The device's queue grew by 20 ms in mid-call."""
    found = figures(echo, *speech, 10, 60, 20, "moved")
    assert found["delay_ms"] == pytest.approx(80, abs=6)
    assert found["late_db"] >= 25


def test_tones_teach_it_nothing(echo, speech):
    """Four seconds of dial tone and of a key: speech after them is as free of echo as before."""
    found = figures(echo, *speech, 10, 60, 20, "tones")
    assert found["late_db"] >= 25


def test_tones_of_both_sides_pass(echo, speech):
    """A canceller that has heard nothing but tones takes nothing away."""
    assert abs(figures(echo, *speech, 20, 60, 20, "duet")["near_kept_db"]) < 1


def test_both_may_speak_at_once(echo, speech):
    """The line's party is let through, and the canceller is none the worse for it afterwards."""
    found = figures(echo, *speech, 10, 60, 20, "double")
    assert abs(found["near_kept_db"]) < 1.5
    assert found["late_db"] >= 25


@pytest.mark.parametrize("sanitizer", STORM_OCTETS)
def test_lines_survive_a_storm(sanitizer, tmp_path):
    """A million random octets (fewer with the slower sanitizer); devices come and go."""
    program = str(tmp_path / "storm")
    flags = ["-O2", "-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all"]
    storm, octets = str(HERE / "storm_lines.c"), STORM_OCTETS[sanitizer]
    run("clang", *STRICT, *flags, *SOURCES, storm, "-o", program, *LIBRARIES)
    output = run(program, "1", str(octets), TSAN_OPTIONS="halt_on_error=1")
    assert int(output.split()[0]) >= octets


def test_any_split_of_a_stream_is_the_same_stream(tmp_path):
    program, corpus = str(tmp_path / "fuzz"), tmp_path / "corpus"
    corpus.mkdir()
    for kind in range(8):
        codes = bytes([kind, 3]) + b"\x10\x10\x80\x10\x1a\x10R\x10XABC\x10.\x10\x03rest"
        (corpus / f"codes{kind}").write_bytes(codes)
    flags = ["-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    parts = [str(NATIVE / name) for name in ("line_framing.c", "line_g711.c")]
    harness = str(HERE / "fuzz_line.c")
    run("clang", *STRICT, *flags, *parts, harness, "-o", program)
    seconds = max(1, FUZZ_SECONDS // 2)
    limits = [f"-max_total_time={seconds}", "-max_len=600", f"-artifact_prefix={tmp_path}/"]
    assert "Done" in run(program, *limits, str(corpus))
