"""Which answer to give: subsets of offers for our apps, pick-up and delayed offers (RFC 3264 §6).

PURE. A payload type in a description is the number under which its speaker wants to *receive* that
codec (RFC 3264 §5.1). As the relay forwards packets unread, what is said to one party on behalf of
another always carries the other's numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from appliance.sdp.codecs import (
    AUXILIARY,
    PCMA,
    PCMU,
    TELEPHONE_EVENT,
    find_codec,
    has_voice,
    same_codec,
)
from appliance.sdp.media import Codec, Media, MediaKind

#: What our apps can play.
G711 = ("PCMA", "PCMU")
_DEFAULT = Media(MediaKind.AUDIO, (PCMA, PCMU, TELEPHONE_EVENT), ptime_ms=20)


def default_offer() -> Media:
    """What is offered on behalf of a caller who offered nothing: what every phone knows."""
    return _DEFAULT


def answerable(offer: Media, choices: Sequence[str] = G711) -> Media | None:
    """An app's answer: the first offered codec named in choices, and telephone-event.

    choices: codec names that the app can play. None = nothing in common.
    """
    if offer.kind is not MediaKind.AUDIO:
        return None
    voice = next((c for c in offer.codecs if c.name in choices), None)
    if voice is None:
        return None
    codecs: tuple[Codec, ...] = (voice,)
    event = next((c for c in offer.codecs if _is_event(c, voice)), None)
    if event is not None:
        codecs = (voice, event)
    return Media(MediaKind.AUDIO, codecs, offer.direction.reversed, offer.ptime_ms)


def restrict(offer: Media, answer: Media) -> Media:
    """The answer without what the offer never held: fit to be offered to a third party."""
    if offer.kind is not MediaKind.AUDIO or answer.kind is not MediaKind.AUDIO:
        return answer
    codecs = tuple(c for c in answer.codecs if find_codec(c, offer.codecs) is not None)
    return replace(answer, codecs=codecs) if has_voice(codecs) else answer


def intersect(offer_a: Media, offer_b: Media) -> tuple[Media, Media] | None:
    """Two parties that both offered: (answer to a, answer to b), or None without common ground.

    Each answer speaks for the other party, in a's order of preference. A dynamic payload type that
    would mean something else to the reader is left out.
    """
    if offer_a.kind is not MediaKind.AUDIO or offer_b.kind is not MediaKind.AUDIO:
        return None
    pairs = [(a, b) for a in offer_a.codecs if (b := find_codec(a, offer_b.codecs)) is not None]
    pairs = [(a, b) for a, b in pairs if _is_free(b, offer_a) and _is_free(a, offer_b)]
    if not has_voice(a for a, _ in pairs):
        return None
    answer_a = replace(offer_b, codecs=tuple(b for _, b in pairs))
    answer_b = replace(offer_a, codecs=tuple(a for a, _ in pairs))
    return answer_a, answer_b


def changes_talk(said: Media, heard: Media, news: Media) -> bool:
    """True when ``news`` would change what a party sends or expects.

    said, heard: the party's own last description and the one it was told; news: what its
    counterpart says now.
    """
    if said.kind is not news.kind or heard.kind is not news.kind:
        return True
    return _flows(said, heard) != _flows(said, news) or _terms(said, heard) != _terms(said, news)


def _flows(said: Media, heard: Media) -> tuple[bool, bool]:
    """(sends, hears) of a party that said and heard this."""
    mine, its = said.direction, heard.direction
    return mine.sends and its.receives, mine.receives and its.sends


def _terms(said: Media, heard: Media) -> set[tuple[int, str, int]]:
    """What a party that said and heard this may send, under which numbers."""
    common = (c for c in heard.codecs if find_codec(c, said.codecs) is not None)
    return {(c.payload_type, c.name, c.clock_rate_hz) for c in common}


def _is_event(codec: Codec, voice: Codec) -> bool:
    return codec.name == "telephone-event" and codec.clock_rate_hz == voice.clock_rate_hz


def _is_free(codec: Codec, reader: Media) -> bool:
    """True when the reader's own description gives this number no other meaning."""
    if codec.name in AUXILIARY or codec.payload_type >= 96:
        own = next((c for c in reader.codecs if c.payload_type == codec.payload_type), None)
        return own is None or same_codec(own, codec)
    return True
