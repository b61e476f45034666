"""The C core by itself: strict compilers, sanitizers under a storm of packets, a fuzzer."""

from __future__ import annotations

import os
import re
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from appliance.media.api import PlayEnded
from appliance.media.native import build
from appliance.media.session import NativeMediaPlane
from tests.media.conftest import RANGE
from tests.media.phones import EventLog, wait_for

HERE = Path(__file__).parent
NATIVE = build.ROOT / build.HERE
LIBRARIES = [f"-l{library}" for library in build.LIBRARIES]
SOURCES = [str(build.ROOT / build.HERE / source) for source in build.SOURCES]
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
STRICT += ["-Wshadow", "-Wvla", "-pthread", f"-I{NATIVE}"]
#: DOZVON_FUZZ_SECONDS=3600 pytest tests/media/native: as long as you like.
FUZZ_SECONDS = int(os.environ.get("DOZVON_FUZZ_SECONDS", "10"))
STORM_PACKETS = 2000 * FUZZ_SECONDS


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", **environment}
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_no_compiler_complains(compiler, tmp_path):
    for source in SOURCES:
        run(compiler, *STRICT, "-O2", "-c", source, "-o", str(tmp_path / "object.o"))


def test_every_source_is_built():
    assert sorted(build.SOURCES) == sorted(
        path.name for path in NATIVE.glob("*.c") if path.name != "_core.c"
    )


@pytest.mark.parametrize("sanitizer", ["address,undefined", "thread"])
def test_the_core_survives_a_storm(sanitizer, tmp_path):
    """Thousands of damaged packets, up to 65507 octets, while two threads command the streams."""
    program = str(tmp_path / "storm")
    flags = ["-O1", "-g", f"-fsanitize={sanitizer}", "-fno-sanitize-recover=all"]
    storm = str(HERE / "storm.c")
    run("clang", *STRICT, *flags, *SOURCES, storm, "-o", program, *LIBRARIES)
    output = run(program, "1", str(STORM_PACKETS), TSAN_OPTIONS="halt_on_error=1")
    assert f"{STORM_PACKETS} packets" in output


def test_the_fuzzer_finds_nothing(tmp_path):
    program, corpus = str(tmp_path / "fuzz"), tmp_path / "corpus"
    corpus.mkdir()
    event = "8065000100000000000000010a80 00a0"
    for name, packet in {
        "rtp": "8008000100000000000000017f7f7f7f",
        "event": event,
        "sound": "8008000200000000000000017f7f7f7f" + "2a" * 160,
        "reports": "81c8000c" + "00000001" * 12 + "81c90007" + "00000002" * 7,
    }.items():
        data = bytes.fromhex(packet)
        (corpus / name).write_bytes(len(data).to_bytes(2, "big") + data)
    parts = [
        str(NATIVE / name)
        for name in ("packet.c", "keys.c", "reception.c", "recorder.c", "line_g711.c")
    ]
    flags = ["-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    run("clang", *STRICT, *flags, *parts, str(HERE / "fuzz_packet.c"), "-o", program)
    limits = [f"-max_total_time={FUZZ_SECONDS}", "-max_len=1024", f"-artifact_prefix={tmp_path}/"]
    output = run(program, *limits, str(corpus))
    assert "Done" in output


def test_the_fuzzer_finds_nothing_in_the_signals(tmp_path):
    """Settings, samples and signals of any kind; spandsp itself is not instrumented."""
    program = str(tmp_path / "fuzz")
    parts = [str(NATIVE / name) for name in build.SOURCES if name.startswith(("detect", "gener"))]
    flags = ["-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    harness = str(HERE / "fuzz_detect.c")
    run("clang", *STRICT, *flags, *parts, harness, *LIBRARIES, "-o", program)
    limits = [f"-max_total_time={FUZZ_SECONDS}", "-max_len=4096", f"-artifact_prefix={tmp_path}/"]
    assert "Done" in run(program, *limits)


def media_thread_wakes(known: set[str]) -> tuple[str, int]:
    """The packet thread that is not known yet, and how often it has gone to sleep so far."""
    for task in Path("/proc/self/task").iterdir():
        if task.name not in known and (task / "comm").read_text().strip() == "media":
            status = (task / "status").read_text()
            return task.name, int(re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", status)[1])
    raise AssertionError("no packet thread")


def test_an_idle_core_sleeps():
    """The 20 ms tick runs only while something plays."""
    known = {task.name for task in Path("/proc/self/task").iterdir()}
    with closing(NativeMediaPlane(RANGE)) as plane:
        log, stream = EventLog(plane), plane.open("127.0.0.1")
        stream.play(bytes(320), payload_type=8, repeats=False)
        log.wait_for(PlayEnded)
        _, before = wait_for(lambda: media_thread_wakes(known))
        ends = time.monotonic() + 0.3
        wait_for(lambda: time.monotonic() > ends)
        assert media_thread_wakes(known)[1] - before <= 2
