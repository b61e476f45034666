"""Lines on sound cards, over an ALSA plug-in that is a codec with a cable (native/alsa_cable.c).

Everything happens in a process of its own: ALSA reads its configuration once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.media.native.test_native import HERE, run

CONFIGURATION = """
pcm_type.cable {{ lib "{plugin}" }}
pcm.codec {{ type cable }}
pcm.nothing {{ type null }}
"""


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """Runs this file's other half with that configuration; what it printed."""
    folder = tmp_path_factory.mktemp("alsa")
    plugin = str(folder / "cable.so")
    flags = ["-std=c11", "-D_GNU_SOURCE", "-DPIC", "-fPIC", "-shared", "-Wall", "-Wextra"]
    run("gcc", *flags, str(HERE / "alsa_cable.c"), "-o", plugin, "-lasound")
    configuration = folder / "asound.conf"
    configuration.write_text(CONFIGURATION.format(plugin=plugin))

    def play(case, rate_hz=8000, ppm=0, stall_ms=None, gone_ms=None):
        environment = {
            **os.environ,
            "ALSA_CONFIG_PATH": str(configuration),
            "CABLE_PPM": str(ppm),
        }
        if stall_ms is not None:
            environment["CABLE_STALL_MS"] = str(stall_ms)
        if gone_ms is not None:
            environment["CABLE_GONE_MS"] = str(gone_ms)
        command = [sys.executable, "-m", "tests.media.lines.card_cases", case, str(rate_hz)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        print(done.stdout)
        return json.loads(done.stdout)

    return play


@pytest.mark.parametrize("rate_hz", [8000, 48000])
def test_two_lines_share_a_stereo_codec(card, rate_hz):
    """What one plays the other hears: the left channel is one line, the right another."""
    found = card("share", rate_hz)
    assert found["left_heard"] == "high"
    assert found["right_heard"] == "low"
    assert found["third"] == "media.line_audio", "a channel has one line"
    assert abs(found["level"] - found["played"]) < 3


def test_a_card_that_is_not_there_is_said(card):
    assert card("absent") == {"key": "media.line_audio"}


def test_a_card_without_time_does_not_spin(card):
    """ALSA's null PCM is always ready: still no more than a part of a processor is used."""
    found = card("null")
    assert found["frames_in"] > 50
    assert found["busy"] < 0.9


def test_a_card_that_stands_still_is_begun_anew(card):
    assert card("stalls", stall_ms=1500) == {"told": [[True, True], [False, True]]}


def test_a_card_that_was_pulled_out_and_is_back_serves_though_its_other_line_is_not_closed_yet(
    card,
):
    assert card("returns", gone_ms=800) == {"ended": 2, "heard": True}
