"""Subsets of offers: for apps, for pick-up, for callers who offered nothing."""

from __future__ import annotations

from appliance.sdp.answers import (
    answerable,
    changes_talk,
    default_offer,
    intersect,
    restrict,
)
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Codec, Direction, Media, MediaKind

OPUS = Codec(111, "opus", 48000, 2)
G722 = Codec(9, "G722", 8000)
WIDE_EVENT = Codec(110, "telephone-event", 48000)
EVENT_96 = Codec(96, "telephone-event", 8000)
FAX = Media(MediaKind.IMAGE, ())


def audio(*codecs: Codec, direction: Direction = Direction.SENDRECV) -> Media:
    return Media(MediaKind.AUDIO, codecs, direction)


def test_an_app_takes_the_first_codec_that_it_can_play() -> None:
    offer = audio(OPUS, PCMU, PCMA, WIDE_EVENT, TELEPHONE_EVENT, direction=Direction.SENDONLY)
    answer = answerable(offer)
    assert answer == audio(PCMU, TELEPHONE_EVENT, direction=Direction.RECVONLY)
    assert answerable(audio(PCMA)) == audio(PCMA)


def test_an_app_cannot_answer_everything() -> None:
    assert answerable(audio(OPUS)) is None
    assert answerable(FAX) is None
    assert answerable(audio(OPUS, G722), ("G722",)) == audio(G722)


def test_a_restricted_answer_holds_only_what_was_offered() -> None:
    assert restrict(audio(PCMA, PCMU), audio(PCMU, G722)) == audio(PCMU)
    assert restrict(audio(PCMA), audio(G722)) == audio(G722)
    assert restrict(default_offer(), FAX) == FAX


def test_two_offers_become_two_answers_in_the_readers_terms() -> None:
    first, second = audio(PCMA, PCMU, TELEPHONE_EVENT), audio(PCMU, PCMA, EVENT_96, G722)
    answers = intersect(first, second)
    assert answers is not None
    assert answers[0] == audio(PCMA, PCMU, EVENT_96)
    assert answers[1] == audio(PCMA, PCMU, TELEPHONE_EVENT)


def test_a_number_with_two_meanings_is_left_out() -> None:
    first = audio(PCMA, Codec(96, "opus", 48000, 2), TELEPHONE_EVENT)
    answers = intersect(first, audio(PCMA, EVENT_96))
    assert answers == (audio(PCMA), audio(PCMA))


def test_without_common_voice_there_is_no_answer() -> None:
    assert intersect(audio(PCMA, TELEPHONE_EVENT), audio(PCMU, TELEPHONE_EVENT)) is None
    assert intersect(audio(PCMA), FAX) is None


def test_news_changes_the_talk_when_flows_or_formats_differ() -> None:
    both, hold = audio(PCMA), audio(PCMA, direction=Direction.SENDONLY)
    held = audio(PCMA, direction=Direction.RECVONLY)
    assert not changes_talk(both, both, both)
    assert not changes_talk(hold, both, held)
    assert not changes_talk(both, audio(PCMA, PCMU), both)
    assert changes_talk(both, both, held)
    assert changes_talk(hold, both, audio(PCMA, direction=Direction.INACTIVE))
    assert changes_talk(audio(PCMA, PCMU), audio(PCMA, PCMU), both)
    assert changes_talk(both, both, FAX)
    event = audio(PCMA, TELEPHONE_EVENT)
    assert changes_talk(event, event, audio(PCMA, EVENT_96))
