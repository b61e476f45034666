"""The list of what is carried."""

from __future__ import annotations

from appliance.sdp.codecs import (
    AUXILIARY,
    CARRIED,
    PCMA,
    PCMU,
    STATIC,
    TELEPHONE_EVENT,
    find_codec,
    has_voice,
    same_codec,
)
from appliance.sdp.media import Codec


def test_static_types_are_carried_under_their_registered_names() -> None:
    for payload_type, codec in STATIC.items():
        assert codec.payload_type == payload_type
        assert CARRIED[codec.name.lower()][0] == codec.name
    assert {c for c, _, _ in CARRIED.values()} >= AUXILIARY


def test_a_codec_is_found_under_another_number() -> None:
    other = Codec(96, "telephone-event", 8000)
    assert same_codec(TELEPHONE_EVENT, other)
    assert find_codec(TELEPHONE_EVENT, (PCMA, other)) is other
    assert find_codec(PCMU, (PCMA, other)) is None
    assert not same_codec(other, Codec(96, "telephone-event", 48000))


def test_signs_alone_are_no_voice() -> None:
    assert has_voice((TELEPHONE_EVENT, PCMA))
    assert not has_voice((TELEPHONE_EVENT, STATIC[13])) and not has_voice(())
