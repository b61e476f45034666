"""Our own descriptions: what an offer and an answer look like on the wire."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Codec, Direction, Media, MediaKind
from appliance.sdp.negotiate import Origin, default_offer, describe, render_answer, render_offer
from appliance.sdp.render import allowed_direction

ORIGIN = Origin(1234567890, 1)
FULL = Media(
    MediaKind.AUDIO,
    (
        Codec(111, "opus", 48000, 2, "useinbandfec=1"),
        Codec(9, "G722", 8000),
        PCMA,
        PCMU,
        Codec(18, "G729", 8000, 1, "annexb=no"),
        TELEPHONE_EVENT,
        Codec(13, "CN", 8000),
    ),
    ptime_ms=20,
)
FAX = Media(MediaKind.IMAGE, (), attributes=("T38FaxVersion:0", "T38MaxBitRate:14400"))
HEAD = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"


def answer_to(offer: str, media: Media) -> str:
    sections = describe((HEAD + offer).encode()).sections
    return render_answer(media, sections, "10.0.0.2", 6000, ORIGIN).decode()


def test_an_offer_says_everything_once() -> None:
    text = render_offer(replace(FULL, attributes=("maxptime:40",)), "10.0.0.2", 6000, ORIGIN)
    assert text.decode().split("\r\n") == [
        "v=0",
        "o=- 1234567890 1 IN IP4 10.0.0.2",
        "s=-",
        "c=IN IP4 10.0.0.2",
        "t=0 0",
        "m=audio 6000 RTP/AVP 111 9 8 0 18 101 13",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 useinbandfec=1",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:18 G729/8000",
        "a=fmtp:18 annexb=no",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=rtpmap:13 CN/8000",
        "a=ptime:20",
        "a=maxptime:40",
        "a=sendrecv",
        "",
    ]


def test_offers_stay_small_enough_for_udp() -> None:
    assert len(render_offer(default_offer(), "192.168.100.100", 65_000, ORIGIN)) < 300
    assert len(render_offer(FULL, "2001:db8:1111:2222:3333:4444:5555:6666", 65_000, ORIGIN)) < 520


def test_an_ipv6_offer_is_understood_again() -> None:
    described = describe(render_offer(FULL, "2001:db8::1", 6000, ORIGIN))
    assert described.media == FULL
    assert described.remote is not None and described.remote.host == "2001:db8::1"


def test_a_fax_offer_is_understood_again() -> None:
    body = render_offer(FAX, "10.0.0.2", 6000, ORIGIN)
    assert b"m=image 6000 udptl t38\r\na=T38FaxVersion:0\r\n" in body
    assert describe(body).media == FAX


def test_every_offered_section_is_answered_in_order() -> None:
    text = answer_to(
        "m=video 5000 RTP/AVP 31 34\r\nm=audio 4000 RTP/AVP 8 0\r\nm=audio 4002 RTP/SAVP 8\r\n"
        "m=application 9 UDP/BFCP *\r\nm=message 7 TCP/MSRP\r\n",
        Media(MediaKind.AUDIO, (PCMA,)),
    )
    lines = [line for line in text.split("\r\n") if line.startswith("m=")]
    assert lines == [
        "m=video 0 RTP/AVP 31",
        "m=audio 6000 RTP/AVP 8",
        "m=audio 0 RTP/SAVP 8",
        "m=application 0 UDP/BFCP *",
        "m=message 0 TCP/MSRP 0",
    ]


def test_fax_is_answered_and_audio_beside_it_refused() -> None:
    text = answer_to("m=audio 0 RTP/AVP 8\r\nm=image 4000 udptl t38\r\n", FAX)
    assert "m=audio 0 RTP/AVP 8\r\nm=image 6000 udptl t38\r\na=T38FaxVersion:0\r\n" in text


def test_an_answer_holds_nothing_that_was_not_offered() -> None:
    text = answer_to("m=audio 4000 RTP/AVP 8\r\n", FULL)
    assert "m=audio 6000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n" in text
    assert "opus" not in text


@pytest.mark.parametrize("media", [FAX, Media(MediaKind.AUDIO, (PCMU, TELEPHONE_EVENT))])
def test_an_answer_without_common_ground_is_refused(media: Media) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        answer_to("m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n", media)
    assert refused.value.status == 488


_OFFERED = {  # RFC 3264 §6.1: what may answer what
    Direction.SENDRECV: set(Direction),
    Direction.SENDONLY: {Direction.RECVONLY, Direction.INACTIVE},
    Direction.RECVONLY: {Direction.SENDONLY, Direction.INACTIVE},
    Direction.INACTIVE: {Direction.INACTIVE},
}


@pytest.mark.parametrize("offered", list(Direction))
@pytest.mark.parametrize("wanted", list(Direction))
def test_an_answer_keeps_to_the_offered_direction(offered: Direction, wanted: Direction) -> None:
    answered = allowed_direction(offered, wanted)
    assert answered in _OFFERED[offered]
    if wanted in _OFFERED[offered]:
        assert answered is wanted
    media = Media(MediaKind.AUDIO, (PCMA,), wanted)
    text = answer_to(f"m=audio 4000 RTP/AVP 8\r\na={offered.value}\r\n", media)
    assert f"\r\na={answered.value}\r\n" in text


_CODECS = st.lists(st.sampled_from(FULL.codecs), min_size=1, max_size=7, unique=True).filter(
    lambda codecs: any(c.name not in ("CN", "telephone-event") for c in codecs)
)


@settings(max_examples=100, deadline=None)
@given(_CODECS, st.sampled_from(list(Direction)), st.integers(0, 200))
def test_what_is_rendered_is_described(
    codecs: list[Codec], direction: Direction, ptime_ms: int
) -> None:
    media = Media(MediaKind.AUDIO, tuple(codecs), direction, ptime_ms)
    assert describe(render_offer(media, "10.0.0.2", 6000, ORIGIN)).media == media
