"""What media measured on a leg, as the journal keeps it.

PURE.
"""

from __future__ import annotations

from appliance.call.record import LegQuality
from appliance.media.api import StreamStatistics


def quality_of(statistics: StreamStatistics) -> LegQuality:
    """The journal's part of a stream's statistics; unknown stays unknown."""
    return LegQuality(
        received=statistics.received,
        sent=statistics.sent,
        lost=statistics.lost,
        jitter_ms=statistics.interarrival_jitter_ms,
        round_trip_ms=statistics.round_trip_ms,
        mos=statistics.mos,
    )
