"""What a description means: the one stream that we carry, and what we refuse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.errors import RemoteProtocolError
from appliance.sdp.media import Codec, Direction, MediaKind, RemoteAddress
from appliance.sdp.negotiate import Described, describe

HEAD = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"


def said(*lines: str, head: str = HEAD) -> Described:
    return describe((head + "\r\n".join(lines) + "\r\n").encode())


def audio_codecs(*lines: str) -> tuple[Codec, ...]:
    media = said(*lines).media
    assert media is not None
    return media.codecs


def test_a_plain_offer_is_understood() -> None:
    described = said(
        "m=audio 4000 RTP/AVP 8 0 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
    )
    media = described.media
    assert media is not None
    assert media.kind is MediaKind.AUDIO
    assert media.codecs == (
        Codec(8, "PCMA", 8000),
        Codec(0, "PCMU", 8000),
        Codec(101, "telephone-event", 8000, 1, "0-16"),
    )
    assert (media.direction, media.ptime_ms) == (Direction.SENDRECV, 20)
    assert described.remote == RemoteAddress("10.0.0.1", 4000, 4001)
    assert not described.is_hold


def test_static_payload_types_need_no_rtpmap() -> None:
    names = [c.name for c in audio_codecs("m=audio 4000 RTP/AVP 0 8 9 18 13")]
    assert names == ["PCMU", "PCMA", "G722", "G729", "CN"]


def test_only_listed_codecs_are_carried() -> None:
    codecs = audio_codecs(
        "m=audio 4000 RTP/AVP 3 96 97 98 99 8",
        "a=rtpmap:96 OPUS/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:97 iLBC/8000",
        "a=rtpmap:98 opus/16000",
        "a=rtpmap:99 PCMA/8000/2",
    )
    assert codecs == (Codec(96, "opus", 48000, 2, "useinbandfec=1"), Codec(8, "PCMA", 8000))


@pytest.mark.parametrize(
    "line",
    [
        "m=audio 4000 RTP/AVP 3",
        "m=audio 4000 RTP/AVP 13",
        "m=audio 4000 RTP/AVP",
        "m=audio 4000 RTP/AVPF 8",
        "m=audio 0 RTP/AVP 8",
        "m=video 4000 RTP/AVP 31",
        "m=image 4000 udptl other",
        "m=audio 4000 RTP/AVP 8a 300 -1",
    ],
)
def test_what_cannot_be_carried_leaves_no_media(line: str) -> None:
    described = said(line)
    assert described.media is None and described.remote is None
    assert len(described.sections) == 1 and described.sections[0].chosen is None


@pytest.mark.parametrize("protocol", ["RTP/SAVP", "rtp/savpf", "UDP/TLS/RTP/SAVPF"])
def test_srtp_alone_is_refused(protocol: str) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        said(f"m=audio 4000 {protocol} 8")
    assert refused.value.status == 488


def test_srtp_beside_plain_rtp_is_passed_over() -> None:
    described = said("m=audio 4000 RTP/SAVP 8", "m=audio 4002 RTP/AVP 8")
    assert described.media is not None
    assert [s.chosen is not None for s in described.sections] == [False, True]
    assert described.remote == RemoteAddress("10.0.0.1", 4002, 4003)


def test_fax_is_understood() -> None:
    described = said(
        "m=audio 0 RTP/AVP 8",
        "m=image 4000 UDPTL T38",
        "a=T38FaxVersion:0",
        "a=T38MaxBitRate:14400",
        "a=T38FaxFillBitRemoval",
        "a=silly:1",
    )
    media = described.media
    assert media is not None and media.kind is MediaKind.IMAGE
    assert media.attributes == ("T38FaxVersion:0", "T38MaxBitRate:14400", "T38FaxFillBitRemoval")
    assert [s.chosen is not None for s in described.sections] == [False, True]


@pytest.mark.parametrize("direction", list(Direction))
def test_direction_is_the_far_ends_own_word(direction: Direction) -> None:
    described = said("m=audio 4000 RTP/AVP 8", f"a={direction.value}")
    assert described.media is not None
    assert described.media.direction is direction
    assert described.is_hold == (direction in (Direction.SENDONLY, Direction.INACTIVE))


def test_the_sessions_direction_counts_where_the_section_has_none() -> None:
    described = said("a=sendonly", "m=audio 4000 RTP/AVP 8")
    assert described.media is not None and described.media.direction is Direction.SENDONLY
    described = said("a=sendonly", "m=audio 4000 RTP/AVP 8", "a=recvonly")
    assert described.media is not None and described.media.direction is Direction.RECVONLY


@pytest.mark.parametrize(
    ("lines", "direction"),
    [
        (("m=audio 4000 RTP/AVP 8", "c=IN IP4 0.0.0.0"), Direction.SENDONLY),
        (("m=audio 4000 RTP/AVP 8", "c=IN IP4 0.0.0.0", "a=recvonly"), Direction.INACTIVE),
        (("m=audio 4000 RTP/AVP 8", "c=IN IP4 0.0.0.0", "a=inactive"), Direction.INACTIVE),
    ],
)
def test_the_old_hold_has_no_address(lines: tuple[str, ...], direction: Direction) -> None:
    described = said(*lines)
    assert described.media is not None and described.media.direction is direction
    assert described.remote is None and described.is_hold


@pytest.mark.parametrize("host", ["255.255.255.255", "224.0.0.1", "phone.example", "0.1.1.1"])
def test_hostile_addresses_are_refused(host: str) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        said("m=audio 4000 RTP/AVP 8", f"c=IN IP4 {host}")
    assert refused.value.status == 488


def test_low_ports_and_missing_addresses_are_refused() -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        said("m=audio 53 RTP/AVP 8")
    assert refused.value.status == 488
    with pytest.raises(RemoteProtocolError) as refused:
        said("m=audio 4000 RTP/AVP 8", head="v=0\r\ns=-\r\n")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("line", "port"),
    [("a=rtcp:5005", 5005), ("a=rtcp:5005 IN IP4 10.0.0.9", 5005), ("a=rtcp:80", 4001)],
)
def test_rtcp_goes_where_it_was_said(line: str, port: int) -> None:
    remote = said("m=audio 4000 RTP/AVP 8", line, "a=rtcp-mux").remote
    assert remote is not None and remote.rtcp_port == port


@pytest.mark.parametrize(("text", "ptime"), [("20", 20), ("30.0", 30), ("x", 0), ("9999", 0)])
def test_packet_time(text: str, ptime: int) -> None:
    media = said("m=audio 4000 RTP/AVP 8", f"a=ptime:{text}", "a=maxptime:40").media
    assert media is not None
    assert media.ptime_ms == ptime and media.attributes == ("maxptime:40",)


def test_words_that_no_terminal_should_see_are_not_passed_on() -> None:
    assert audio_codecs("m=audio 4000 RTP/AVP 18", "a=fmtp:18 \x1b[2J") == (
        Codec(18, "G729", 8000),
    )
    media = said("m=image 4000 udptl t38", "a=T38x:\x00y", "a=T38FaxVersion:0").media
    assert media is not None and media.attributes == ("T38FaxVersion:0",)


def test_long_parameters_are_left_out_and_the_list_is_bounded() -> None:
    codecs = audio_codecs("m=audio 4000 RTP/AVP 18", f"a=fmtp:18 {'x' * 200}")
    assert codecs == (Codec(18, "G729", 8000),)
    formats = " ".join(str(n) for n in range(96, 128))
    maps = [f"a=rtpmap:{n} PCMA/8000" for n in range(96, 128)]
    assert len(audio_codecs(f"m=audio 4000 RTP/AVP {formats}", *maps)) == 16


_FRAGMENTS = st.sampled_from(
    [
        "v=0",
        "o=- 1 1 IN IP4 10.0.0.1",
        "c=IN IP4 10.0.0.1",
        "c=IN IP4 0.0.0.0",
        "c=IN IP6 ::1",
        "m=audio 4000 RTP/AVP 8 0 101",
        "m=audio 4000/2 RTP/SAVP 8",
        "m=image 4000 udptl t38",
        "m=video 0 RTP/AVP 31",
        "a=rtpmap:101 telephone-event/8000",
        "a=rtpmap:8 PCMA",
        "a=rtpmap:",
        "a=fmtp:101 0-15",
        "a=sendonly",
        "a=rtcp:",
        "a=ptime:²",
        "a=T38FaxVersion:0",
    ]
)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=30)), max_size=12))
def test_any_lines_are_described_or_refused(lines: list[str]) -> None:
    body = ("v=0\r\n" + "\r\n".join(lines)).encode("utf-8", "surrogatepass")
    try:
        described = describe(body)
    except RemoteProtocolError as refused:
        assert refused.status in (400, 488)
    else:
        chosen = [s.chosen for s in described.sections if s.chosen is not None]
        assert chosen == ([described.media] if described.media else [])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_described_or_refused(body: bytes) -> None:
    for text in (body, b"v=0\r\n" + body):
        try:
            describe(text)
        except RemoteProtocolError as refused:
            assert refused.status in (400, 488)
