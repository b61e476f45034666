"""Tests of appliance/legs/leg_media.py: what is described, put in force, refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.errors import MediaError, RemoteProtocolError
from appliance.legs.leg_media import LegMedia, MediaPlace
from appliance.rtp.g711 import Law
from appliance.sdp.media import Direction
from appliance.sdp.negotiate import default_offer
from tests.kit.stage import StagePlane, StageStream, sdp

HOST = "192.168.1.11"
PLACE = MediaPlace("192.168.1.1", "203.0.113.9", HOST, 5060)


@pytest.fixture
def plane() -> StagePlane:
    return StagePlane()


@pytest.fixture
def media(plane: StagePlane) -> LegMedia:
    leg = LegMedia(plane, PLACE, 77, {}, lambda host: host != HOST)
    leg.leg = 5
    return leg


def stream_of(media: LegMedia) -> StageStream:
    stream = media.open()
    assert isinstance(stream, StageStream)
    return stream


def version(body: bytes) -> int:
    origin = next(line for line in body.split(b"\r\n") if line.startswith(b"o="))
    return int(origin.split(b" ")[2])


def test_the_stream_is_opened_once_and_given_back(plane: StagePlane, media: LegMedia) -> None:
    assert media.open() is media.open()
    media.close()
    media.close()
    assert plane.streams == []


@pytest.mark.parametrize(
    ("formats", "direction", "law"),
    [
        (b"8 0 101", "sendrecv", Law.PCMA),
        (b"0 101", "recvonly", Law.PCMU),
        (b"9 0", "sendrecv", Law.PCMU),
        (b"9", "sendrecv", None),
        (b"8 0 101", "sendonly", None),
        (b"8 0 101", "inactive", None),
    ],
)
def test_what_g711_the_far_end_hears(
    media: LegMedia, formats: bytes, direction: str, law: Law | None
) -> None:
    assert media.law is None
    offer = default_offer()
    media.offer(offer)
    body = sdp(HOST, direction=direction).replace(b"8 0 101", formats)
    media.adopt(media.read(body))
    assert media.law is law


def test_our_description_shows_the_address_outside_and_grows_only_with_its_content(
    media: LegMedia,
) -> None:
    offer = default_offer()
    first, again = media.offer(offer), media.offer(offer)
    assert b"c=IN IP4 203.0.113.9" in first
    assert b"192.168.1.1\r" not in first
    assert first == again
    media.adopt(media.read(sdp(HOST)))
    changed = media.answer(replace(offer, direction=Direction.SENDONLY))
    assert version(changed) == version(first) + 1


def test_the_far_end_s_address_is_the_stream_s(media: LegMedia) -> None:
    media.adopt(media.read(sdp(HOST, 4000)))
    remote = stream_of(media).remote
    assert remote is not None
    assert (remote.host, remote.port) == (HOST, 4000)


def test_a_move_changes_nothing_that_others_must_hear_of(media: LegMedia) -> None:
    media.adopt(media.read(sdp(HOST, 4000)))
    assert media.changes_nothing(media.read(sdp(HOST, 4444)))
    assert not media.changes_nothing(media.read(sdp(HOST, 4000, "sendonly")))


def test_our_own_sip_port_is_no_place_for_media(media: LegMedia) -> None:
    for host in (PLACE.host, PLACE.advertised_host):
        with pytest.raises(MediaError):
            media.adopt(media.read(sdp(host, 5060)))


@pytest.mark.parametrize("body", [b"", b"v=0", sdp(HOST, 0), b"\xff"])
def test_what_holds_no_media_is_refused(media: LegMedia, body: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        media.read(body)
    assert caught.value.status in (400, 488)
