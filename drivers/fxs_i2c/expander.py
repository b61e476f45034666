"""All lines of one MCP23017: who may ring when, what its outputs shall be, what a poll means.

PURE; times are monotonic nanoseconds. The supply feeds only so many ringing telephones at once, so
rounds of ringing are given out one after the other (``_share_current``) and all F/R edges lie on
one grid: a single write serves every port. ``outputs`` is the only place where levels are made.
"""

from __future__ import annotations

from drivers.api import Cadence, LineError
from drivers.country import PulsePlan
from drivers.events import LineEvent
from drivers.fxs_i2c.bell import Bell
from drivers.fxs_i2c.boards import BoardMap, FxoPins, FxsPins
from drivers.fxs_i2c.fxo_line import FxoLine
from drivers.fxs_i2c.fxs_line import FxsLine, FxsPlan
from drivers.fxs_i2c.mcp23017 import Outputs, Reading
from drivers.fxs_i2c.messages import Order, Verb
from drivers.fxs_i2c.ringing import MS

#: What a SLIC draws (analog-lines §3.1); ringing: its most.
IDLE_MA, OFF_HOOK_MA, RINGING_MA = 70, 360, 500
#: Two bursts never begin together: each charges the ringing converter of its SLIC.
STAGGER_MS = 100
PUNCTUAL_MS = 5
ASK_AGAIN_MS = 5  # for current

Line = FxsLine | FxoLine
Pins = FxsPins | FxoPins


class Expander:
    def __init__(self, board: BoardMap, plan: FxsPlan, pulse: PulsePlan, supply_ma: int) -> None:
        self.board = board
        self.quiet, self.watched = board.quiet, board.watched
        self._supply_ma = supply_ma
        self._fxs = tuple((pins, FxsLine(plan)) for pins in board.fxs)
        self._fxo = tuple((pins, FxoLine(pulse)) for pins in board.fxo)
        telephones, exchanges = (line for _, line in self._fxs), (line for _, line in self._fxo)
        self.lines: tuple[Line, ...] = (*telephones, *exchanges)
        self._began_ns = -(10**18)  # the last round

    # ---- what the chip shall drive

    def outputs(self, now_ns: int) -> Outputs:
        latch, direction = self.quiet.latch, self.quiet.direction
        for pins, line in self._fxs:
            levels = line.levels(now_ns)
            latch = pins.fr.drive(pins.rm.drive(latch, levels.rm), levels.fr)
            if not levels.is_fed:
                direction &= ~pins.pd.bit  # its latch is low, always
        for out, exchange in self._fxo:
            latch = out.oh.drive(latch, exchange.is_off_hook)
            latch = out.cid.drive(latch, exchange.hears_caller_id(now_ns))
        return Outputs(direction, latch)

    @property
    def is_ringing(self) -> bool:
        return any(line.bell.is_ringing for _, line in self._fxs)

    # ---- time

    def advance(self, now_ns: int) -> None:
        """All that is due by now."""
        for line in self.lines:
            line.advance(now_ns)
        self._share_current(now_ns)

    def next_change(self, now_ns: int) -> int | None:
        """When an output changes or ``advance`` has something to do."""
        due = [line.next_change(now_ns) for line in self.lines]
        if any(line.bell.wants_round(now_ns) for _, line in self._fxs):
            due.append(now_ns + ASK_AGAIN_MS * MS)
        return min((at for at in due if at is not None), default=None)

    def wrote(self, as_of_ns: int, now_ns: int) -> None:
        """The chip's outputs are as they were to be at as_of_ns, since now_ns at the latest."""
        for _, line in self._fxs:
            line.bell.trip.wrote(as_of_ns, now_ns)

    def next_edge(self, now_ns: int) -> int | None:
        """While any RM is high, its next change or that of its F/R: what must not come late."""
        bells = [line.bell for _, line in self._fxs if line.bell.is_on(now_ns)]
        due = (bell.next_change(now_ns) for bell in bells)
        return min((at for at in due if at is not None), default=None)

    def _share_current(self, now_ns: int) -> None:
        wanting = [
            line.bell
            for _, line in self._fxs
            if line.bell.wants_round(now_ns) and line.knows_hook(now_ns)
        ]
        for bell in sorted(wanting, key=lambda bell: bell.wanted_ns):
            if now_ns - self._began_ns < STAGGER_MS * MS or not self._has_current(now_ns):
                return
            start = self._start_of(bell, now_ns)
            bell.begin_round(start, now_ns)
            self._began_ns = start

    def _has_current(self, now_ns: int) -> bool:
        """One may always ring: a board that cannot feed that has the wrong supply."""
        lines = [line for _, line in self._fxs]
        ringing = sum(line.bell.needs_current(now_ns) for line in lines)
        off_hook = sum(line.is_off_hook for line in lines)
        idle = len(lines) - ringing - off_hook - 1
        drawn = (ringing + 1) * RINGING_MA + off_hook * OFF_HOOK_MA + idle * IDLE_MA
        return not ringing or drawn <= self._supply_ma

    def _start_of(self, bell: Bell, now_ns: int) -> int:
        """On the others' grid of edges; alone, when it was wanted unless that is long ago."""
        grid = [at for _, other in self._fxs if (at := other.bell.grid_after(now_ns)) is not None]
        if grid:
            return min(grid)
        return bell.wanted_ns if now_ns - bell.wanted_ns <= PUNCTUAL_MS * MS else now_ns

    # ---- the chip

    def feed(self, reading: Reading, now_ns: int) -> bool:
        """What a poll read; whether anything came of it."""
        has_news = False
        for pins, line in self._fxs:
            levels = reading.levels_of(pins.shk.bit)
            has_news |= line.feed(levels, now_ns)
        for lead, exchange in self._fxo:
            levels = reading.levels_of(lead.ring.bit)
            active = tuple(lead.ring.is_active(level) for level in levels)
            has_news |= exchange.feed(active, now_ns)
        return has_news

    def lose(self, reason: str, now_ns: int) -> None:
        """The chip cannot be trusted: everything to its quiet state."""
        for line in self.lines:
            line.lose(reason, now_ns)

    def restore(self, now_ns: int) -> None:
        """The chip was just set up."""
        for line in self.lines:
            line.restore(now_ns)

    def stop_ringing(self, code: str, detail: str, now_ns: int) -> None:
        """Every port that rings stops, with a fault."""
        for _, line in self._fxs:
            if line.bell.is_ringing:
                line.fail(code, detail, now_ns)

    def take_events(self) -> list[tuple[int, LineEvent]]:
        """Port and event, in order for each port; told once."""
        told = [(port, event) for port, line in enumerate(self.lines) for event in line.events]
        for line in self.lines:
            line.events = []
        return told

    # ---- orders

    def execute(self, order: Order, now_ns: int) -> int:
        """Do it; when it is done, in ns. Raises LineError."""
        if not 0 <= order.port < len(self.lines):
            raise LineError("line.not_found", f"port {order.port}")
        line = self.lines[order.port]
        if isinstance(line, FxoLine):
            return _order_exchange(line, order, now_ns)
        if order.verb is Verb.RING:
            line.ring(Cadence(order.pattern_ms), order.is_on, now_ns)
        elif order.verb in (Verb.STOP_RING, Verb.RELEASE):
            line.stop_ring(now_ns)
        elif order.verb is Verb.REVERSE:
            line.reverse(order.is_on, now_ns)
        elif order.verb is Verb.OPEN_LOOP:
            return self._open_loop(order, line, now_ns)
        else:
            raise LineError("line.unsupported", order.verb.value)
        return now_ns

    def _open_loop(self, order: Order, line: FxsLine, now_ns: int) -> int:
        """Two SLICs may share a PD: the other one must have nobody on it."""
        pin = self.board.fxs[order.port].pd.bit
        sharing = [other for pins, other in self._fxs if pins.pd.bit == pin and other is not line]
        if not pin or not all(other.is_idle for other in sharing):
            raise LineError("line.unsupported", "the feed of this port cannot be cut now")
        for other in sharing:
            other.open_loop(order.duration_ms, now_ns)
        return line.open_loop(order.duration_ms, now_ns)


def _order_exchange(line: FxoLine, order: Order, now_ns: int) -> int:
    if order.verb is Verb.SEIZE:
        line.seize(now_ns)
    elif order.verb is Verb.ANSWER:
        line.answer(now_ns)
    elif order.verb is Verb.RELEASE:
        line.release(now_ns)
    elif order.verb is Verb.FLASH:
        return line.flash(order.duration_ms, now_ns)
    elif order.verb is Verb.DIAL_PULSES:
        return line.dial_pulses(order.digits, now_ns)
    else:
        raise LineError("line.unsupported", order.verb.value)
    return now_ns
