"""G.711 against its own definition, and against an independent codec."""

from __future__ import annotations

import subprocess

import pytest

from appliance.rtp.g711 import (
    Law,
    decode_alaw,
    decode_g711,
    decode_ulaw,
    encode_alaw,
    encode_g711,
    encode_ulaw,
)

CODECS = {Law.PCMA: (decode_alaw, encode_alaw), Law.PCMU: (decode_ulaw, encode_ulaw)}
SOX = {Law.PCMA: "al", Law.PCMU: "ul"}


@pytest.mark.parametrize("law", Law)
def test_every_octet_survives_decoding_and_encoding(law):
    decode, encode = CODECS[law]
    for octet in range(256):
        again = encode(decode(octet))
        assert again == octet or decode(again) == decode(octet) == 0  # µ-law has two zeros


@pytest.mark.parametrize("law", Law)
def test_encoding_gives_the_nearest_level_or_its_neighbour(law):
    decode, encode = CODECS[law]
    levels = sorted(decode(octet) for octet in range(256))
    for sample in range(-32768, 32768, 7):
        level = decode(encode(sample))
        nearest = min(levels, key=lambda value: abs(value - sample))
        assert abs(levels.index(level) - levels.index(nearest)) <= 1


@pytest.mark.parametrize("law", Law)
def test_known_octets(law):
    assert encode_g711(b"\0\0", law)[0] == law.silence
    assert decode_g711(bytes([law.silence]), law) in (b"\0\0", b"\x08\0")
    assert decode_g711(bytes([0x80 if law is Law.PCMU else 0xAA]), law) == (
        (32124 if law is Law.PCMU else 32256).to_bytes(2, "little")
    )


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="bytes"):
        encode_g711(b"\0", Law.PCMA)


@pytest.mark.parametrize("law", Law)
def test_decoding_agrees_with_sox(law):
    command = ["sox", "-t", SOX[law], "-r", "8000", "-c", "1", "-", "-t", "s16", "-"]
    done = subprocess.run(command, input=bytes(range(256)), capture_output=True, check=True)
    assert done.stdout == decode_g711(bytes(range(256)), law)
