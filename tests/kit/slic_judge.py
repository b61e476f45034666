"""The safety judge of a SLIC: watches its pins, and tells every limit that was broken.

Knows nothing of drivers and decides by pins and times alone. RM: a third of the time, 3 s at once,
never into a lifted phone, low within 500 ms of a lift, and not before F/R was held for 10 ms. F/R:
16 to 50 Hz while RM is high. PD is never driven high. A test fails on the first violation
(``assert_safe``); what is a figure and not a limit is kept in ``trips_ms``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MS = 1_000_000
LONGEST_BURST_NS = 3000 * MS
SHORTEST_HALF_NS, LONGEST_HALF_NS = 10 * MS, 31 * MS + MS // 4
LATEST_TRIP_NS, LEAST_HOLD_NS = 500 * MS, 10 * MS
SURELY_SEEN_NS = 60 * MS  # a lift so long ago was not overlooked
#: A pause so long ends a group of bursts; duty is measured from group to group, over so much time.
GROUP_PAUSE_NS, LEAST_SPAN_NS = 1000 * MS, 3000 * MS


@dataclass
class Watch:
    """What one SLIC went through."""

    rm: bool = False
    fr: bool = True
    rose_ns: int = 0
    fell_ns: int = -(10**18)
    fr_ns: int = 0
    closed_ns: int | None = None
    bursts: list[tuple[int, int]] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)


class Judge:
    """slack_ns: how late anything may be (nothing in virtual time; a busy machine in real time)."""

    def __init__(self, ports: int, slack_ns: int = MS) -> None:
        self._slack = slack_ns
        #: How long pins may stay as they are because a test lets the bus fail.
        self.stall_ns = 0
        self.watches = [Watch() for _ in range(ports)]
        self.violations: list[str] = []
        self.trips_ms: list[float] = []
        self.most_at_once = 0

    def assert_safe(self, now_ns: int) -> None:
        """Everything that is told was allowed, and what still goes on is too."""
        for port, watch in enumerate(self.watches):
            if watch.rm:
                self._judge_burst(port, watch, now_ns)
                self._judge_trip(port, watch, now_ns)
        assert not self.violations, "\n".join(self.violations[:10])

    def is_silent(self) -> bool:
        return not any(watch.rm for watch in self.watches)

    # ---- what happens

    def pd_high(self, port: int, now_ns: int) -> None:
        self._blame(port, now_ns, "PD was driven high")

    def forbidden_input(self, now_ns: int) -> None:
        self._blame(-1, now_ns, "A7 or B7 was made an input")

    def glitch(self, port: int, now_ns: int) -> None:
        self._blame(port, now_ns, "RM was high as it became an output")

    def contact(self, port: int, is_closed: bool, at_ns: int) -> None:
        """The telephone's loop."""
        self.watches[port].closed_ns = at_ns if is_closed else None

    def pins(self, port: int, rm: bool, fr: bool, now_ns: int) -> None:
        watch = self.watches[port]
        if fr != watch.fr:
            self._edge(port, watch, rm, now_ns)
        if rm and not watch.rm:
            self._rise(port, watch, now_ns)
        elif watch.rm and not rm:
            self._fall(port, watch, now_ns)
        watch.rm, watch.fr = rm, fr
        self.most_at_once = max(self.most_at_once, sum(other.rm for other in self.watches))

    # ---- the limits

    def _edge(self, port: int, watch: Watch, rm: bool, now_ns: int) -> None:
        if watch.rm and rm:
            half = now_ns - max(watch.fr_ns, watch.rose_ns)
            watch.edges.append(now_ns)
            if not SHORTEST_HALF_NS - self._slack <= half <= LONGEST_HALF_NS + self._slack:
                self._blame(port, now_ns, f"F/R turned after {half / MS:.1f} ms")
        watch.fr_ns = now_ns

    def _rise(self, port: int, watch: Watch, now_ns: int) -> None:
        closed = watch.closed_ns
        if closed is not None and now_ns - closed > SURELY_SEEN_NS + self._slack:
            self._blame(port, now_ns, "a lifted phone is rung")
        if now_ns - watch.fell_ns >= GROUP_PAUSE_NS:
            self._judge_duty(port, watch, now_ns)
        watch.rose_ns = now_ns

    def _fall(self, port: int, watch: Watch, now_ns: int) -> None:
        self._judge_burst(port, watch, now_ns)
        self._judge_trip(port, watch, now_ns)
        closed = watch.closed_ns
        if closed is not None:
            self.trips_ms.append((now_ns - max(closed, watch.rose_ns)) / MS)
            held = now_ns - max(watch.fr_ns, watch.rose_ns)
            seen = now_ns - closed > SURELY_SEEN_NS
            if seen and (not watch.fr or held < LEAST_HOLD_NS):
                self._blame(port, now_ns, f"RM fell {held / MS:.1f} ms after F/R turned")
        watch.bursts.append((watch.rose_ns, now_ns))
        watch.fell_ns = now_ns

    def _judge_burst(self, port: int, watch: Watch, now_ns: int) -> None:
        longest = LONGEST_BURST_NS + self._slack + self.stall_ns + LEAST_HOLD_NS * 2
        if now_ns - watch.rose_ns > longest:
            self._blame(port, now_ns, f"RM high for {(now_ns - watch.rose_ns) / MS:.0f} ms")
        silent_ns = now_ns - max(watch.fr_ns, watch.rose_ns)
        longest = LONGEST_HALF_NS + self._slack + self.stall_ns
        if silent_ns > longest and watch.closed_ns is None:
            self._blame(port, now_ns, f"F/R stood still for {silent_ns / MS:.0f} ms under RM")

    def _judge_trip(self, port: int, watch: Watch, now_ns: int) -> None:
        closed, latest = watch.closed_ns, LATEST_TRIP_NS + self._slack
        if closed is not None and now_ns - max(closed, watch.rose_ns) > latest:
            self._blame(port, now_ns, "RM is high 500 ms after the phone was lifted")

    def _judge_duty(self, port: int, watch: Watch, now_ns: int) -> None:
        """From the beginning of every earlier group of bursts to this one."""
        high, later = 0, now_ns
        for rose, fell in reversed(watch.bursts):
            if later - fell >= GROUP_PAUSE_NS and high:
                self._judge_span(port, high, later, now_ns)
            high += fell - rose
            later = rose
        if high:
            self._judge_span(port, high, later, now_ns)

    def _judge_span(self, port: int, high: int, start: int, now_ns: int) -> None:
        span = now_ns - start
        if span >= LEAST_SPAN_NS and 3 * high > span + 3 * self._slack:
            self._blame(port, now_ns, f"RM was high {high / MS:.0f} of {span / MS:.0f} ms")

    def _blame(self, port: int, now_ns: int, what: str) -> None:
        self.violations.append(f"port {port} at {now_ns / 1e9:.3f} s: {what}")
