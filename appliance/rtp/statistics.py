"""What arrived of an RTP stream: sequence (RFC 3550 A.1), loss (A.3), jitter (A.8).

PURE. The reference for native/reception.c. Deviations: no probation, since the address has vouched
for the source; a transit that jumps by more than ten seconds is a new beginning, not jitter;
packets of telephone events give no jitter: they all bear the event's first timestamp (RFC 4733).
"""

from __future__ import annotations

MAX_DROPOUT = 3000
MAX_MISORDER = 100
SEQUENCE_MODULUS = 1 << 16
JUMP_S = 10
_NO_SEQUENCE = SEQUENCE_MODULUS + 1


class Reception:
    """Counts of one stream over all its sources; rate_hz is the RTP clock."""

    __slots__ = (
        "_bad_sequence",
        "_base",
        "_cycles",
        "_has_jitter",
        "_jitter",
        "_lost_before",
        "_max",
        "_rate_hz",
        "_received",
        "_ssrc",
        "_transit",
    )

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._ssrc: int | None = None
        self._base = self._max = self._cycles = self._received = 0
        self._bad_sequence = _NO_SEQUENCE
        self._lost_before = 0
        self._transit: int | None = None
        self._jitter = 0
        self._has_jitter = False

    def set_rate(self, rate_hz: int) -> None:
        """A new clock rate makes earlier transit times meaningless."""
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._transit = None
            self._jitter = 0
            self._has_jitter = False

    def count(
        self, ssrc: int, sequence: int, rtp_timestamp: int, arrival_s: float, *, is_event: bool
    ) -> None:
        """One valid packet; arrival_s on a monotonic clock."""
        if self._ssrc != ssrc:
            self._begin(ssrc, sequence)
        if self._update_sequence(sequence) and not is_event:
            self._update_jitter(rtp_timestamp, arrival_s)

    @property
    def ssrc(self) -> int | None:
        """Of the source that is heard; None before the first packet."""
        return self._ssrc

    @property
    def lost(self) -> int:
        """Cumulative number lost; negative where packets were duplicated (A.3)."""
        return self._lost_before + self._lost_of_source()

    @property
    def interarrival_jitter_ms(self) -> float | None:
        """§6.4.1; None before the second packet."""
        return self._jitter / 16 * 1000 / self._rate_hz if self._has_jitter else None

    def _lost_of_source(self) -> int:
        if self._ssrc is None:
            return 0
        return self._cycles + self._max - self._base + 1 - self._received

    def _begin(self, ssrc: int, sequence: int) -> None:
        self._lost_before += self._lost_of_source()
        self._ssrc = ssrc
        self._base = self._max = sequence
        self._cycles = self._received = 0
        self._bad_sequence = _NO_SEQUENCE
        self._transit = None

    def _update_sequence(self, sequence: int) -> bool:
        step = (sequence - self._max) % SEQUENCE_MODULUS
        if step < MAX_DROPOUT:
            if sequence < self._max:
                self._cycles += SEQUENCE_MODULUS
            self._max = sequence
        elif step <= SEQUENCE_MODULUS - MAX_MISORDER:
            if sequence != self._bad_sequence:
                self._bad_sequence = (sequence + 1) % SEQUENCE_MODULUS
                return False
            assert self._ssrc is not None
            self._begin(self._ssrc, sequence)
        self._received += 1
        return True

    def _update_jitter(self, rtp_timestamp: int, arrival_s: float) -> None:
        transit = int(arrival_s * self._rate_hz) - rtp_timestamp
        if self._transit is not None:
            change = (transit - self._transit) & 0xFFFFFFFF
            distance = min(change, (1 << 32) - change)
            if distance <= JUMP_S * self._rate_hz:
                self._jitter += distance - ((self._jitter + 8) >> 4)
                self._has_jitter = True
        self._transit = transit
