"""The kit's ear: known signals are measured as what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.tone import (
    from_alaw,
    from_ulaw,
    joined,
    read_wav,
    silence,
    sine,
    to_alaw,
    to_ulaw,
    write_wav,
)


@pytest.mark.parametrize("rate_hz", [8000, 16000])
@pytest.mark.parametrize("hz", [350.0, 440.0, 1000.0, 1633.0])
def test_a_tone_is_measured(hz: float, rate_hz: int) -> None:
    sound = sine(hz, 1.0, rate_hz, dbfs=-14)
    heard = sound.heard()
    assert heard.is_tone(hz, within_hz=2)
    assert heard.level_dbfs == pytest.approx(-14, abs=0.2)
    assert heard.start_ms == 0 and heard.gaps_ms == ()
    assert sound.share_of(hz) > 0.98
    assert sound.share_of(hz + 60) < 0.05


def test_start_and_gaps_are_found() -> None:
    tone = sine(425, 0.4)
    heard = joined(silence(0.25), tone, silence(0.08), tone, silence(0.3)).heard()
    assert heard.start_ms == 250
    assert heard.gaps_ms == (80,)
    assert heard.duration_ms == 880
    assert heard.is_tone(425, within_hz=4)


def test_silence_is_no_tone() -> None:
    heard = silence(1).heard()
    assert heard.duration_ms == 0 and not heard.is_tone(0)


@pytest.mark.parametrize(("code", "decode"), [(to_alaw, from_alaw), (to_ulaw, from_ulaw)])
def test_g711_keeps_a_tone(code, decode) -> None:  # type: ignore[no-untyped-def]
    heard = decode(code(sine(1004, 0.5, dbfs=-20))).heard()
    assert heard.is_tone(1004, within_hz=3)
    assert heard.level_dbfs == pytest.approx(-20, abs=0.3)


def test_g711_of_known_values() -> None:
    """ITU-T G.711: the octets of silence, of the loudest value, and one between (tables 1a, 2a)."""
    assert set(to_alaw(silence(0.01))) <= {0xD5, 0x55}
    assert set(to_ulaw(silence(0.01))) <= {0xFF, 0x7F}
    assert max(from_alaw(bytes(range(256))).samples) == 32256
    assert max(from_ulaw(bytes(range(256))).samples) == 32124


def test_wav_goes_out_and_in(tmp_path: Path) -> None:
    sound = sine(700, 0.2, 16000)
    assert read_wav(write_wav(tmp_path / "a.wav", sound)) == sound
