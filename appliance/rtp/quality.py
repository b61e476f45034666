"""How a call sounds: the E-model (ITU-T G.107) reduced to what a relay can measure.

PURE. Loss and delay impair the default connection (R = 93.2); echo, noise and loudness are taken at
G.107's default values. Codec figures: ITU-T G.113 appendix I. R becomes MOS by G.107 annex B.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_RATING = 93.2  # G.107: all parameters at their defaults
FRAME_MS = 20.0


@dataclass(frozen=True, slots=True)
class CodecImpairment:
    """G.113: equipment impairment (Ie) and robustness against random loss (Bpl)."""

    impairment: float
    robustness: float


G711 = CodecImpairment(0.0, 25.1)  # with packet loss concealment, which every phone has
G729 = CodecImpairment(11.0, 19.0)
#: By static payload type (RFC 3551 §6); anything else is a modern codec that conceals well.
CODECS = {0: G711, 8: G711, 9: G711, 18: G729}
UNKNOWN_CODEC = G711


def delay_impairment(one_way_ms: float) -> float:
    """Id: a straight line, steeper where talkers begin to collide (G.107 §7.4, simplified)."""
    return 0.024 * one_way_ms + 0.11 * max(0.0, one_way_ms - 177.3)


def loss_impairment(codec: CodecImpairment, loss_percent: float) -> float:
    """Ie,eff for random loss (G.107 §7.5)."""
    rest = 95.0 - codec.impairment
    return codec.impairment + rest * loss_percent / (loss_percent + codec.robustness)


def mos_of(rating: float) -> float:
    """MOS, 1.0 to 4.5, of a rating factor R (G.107 annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6
    return max(1.0, mos)


def estimate_mos(
    payload_type: int,
    received: int,
    lost: int | None,
    interarrival_jitter_ms: float | None,
    round_trip_ms: float | None,
) -> float | None:
    """MOS of what was received; None when nothing was measured.

    The one-way delay is half the round trip (0 where unknown), one frame, and a receiving buffer
    of twice the jitter.
    """
    if received <= 0 or lost is None or interarrival_jitter_ms is None:
        return None
    gone = max(0, lost)
    loss_percent = 100.0 * gone / (received + gone)
    one_way_ms = (round_trip_ms or 0.0) / 2 + FRAME_MS + 2 * interarrival_jitter_ms
    codec = CODECS.get(payload_type, UNKNOWN_CODEC)
    rating = DEFAULT_RATING - delay_impairment(one_way_ms) - loss_impairment(codec, loss_percent)
    return round(mos_of(rating), 2)
