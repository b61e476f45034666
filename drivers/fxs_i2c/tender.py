"""Does what an expander wants on a real bus: polls, writes what changed, reads back, recovers.

Owns the bus while it lives; has its time from ``clock``, so that tests run it in virtual time.
``step`` does everything that is due and returns when it must be called again. A bus error is tried
three times; then all ports are down and the chip is looked for each second, sooner while it may
still ring somebody. Each poll shows the outputs, each second the settings are read back: a chip
that restarted is set up again.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeVar

from drivers.events import PortFault
from drivers.fxs_i2c import mcp23017
from drivers.fxs_i2c.expander import Expander
from drivers.fxs_i2c.mcp23017 import Outputs
from drivers.fxs_i2c.messages import Figures, Order, PortEvent
from drivers.fxs_i2c.ringing import MS

POLL_MS = 4
VERIFY_MS = PROBE_MS = 1000
TRIES = 3
LATE_MS, TOO_LATE_MS = 5, 50
#: While a chip that stopped answering may hold RM high.
HASTY_PROBE_MS, HASTY_PROBES = 50, 40
EDGES_KEPT = 512

_Value = TypeVar("_Value")


class Bus(Protocol):
    """What we use of smbus2.SMBus; everything may raise OSError."""

    def read_i2c_block_data(self, i2c_addr: int, register: int, length: int) -> list[int]: ...

    def write_i2c_block_data(self, i2c_addr: int, register: int, data: list[int]) -> None: ...

    def close(self) -> None: ...


class Restarted(Exception):
    """The chip was set up again: nothing that was known of it holds."""


class Tender:
    def __init__(
        self, expander: Expander, bus: Bus, address: int, clock: Callable[[], int]
    ) -> None:
        """clock: monotonic nanoseconds."""
        self.expander = expander
        self._bus = bus
        self._address = address
        self._clock = clock
        self._is_up = False
        self._written: Outputs | None = None  # None: the chip holds who knows what
        now = clock()
        self._poll_ns = self._verify_ns = self._probe_ns = now
        self._change_ns: int | None = now  # when the expander has something to do
        self._block = b""  # as last polled
        self._is_calm = False  # nothing came of it, and nothing has changed since
        self._hasty = 0
        self._restarted_ns = now - PROBE_MS * MS
        self._edge_ns: int | None = None  # when the next edge of ringing was promised
        self._lateness: deque[int] = deque(maxlen=EDGES_KEPT)
        self._errors = self._restarts = self._late = 0
        self._faults: list[PortEvent] = []

    @property
    def figures(self) -> Figures:
        ordered = sorted(self._lateness)
        worst = ordered[int(len(ordered) * 0.99)] if ordered else 0
        return Figures(self._errors, self._restarts, self._late, worst // 1000)

    def execute(self, order: Order) -> int:
        """Do it; when it is done, in ns. Raises LineError."""
        now = self._clock()
        self._change_ns, self._is_calm = now, False
        return self.expander.execute(order, now)

    def step(self) -> int:
        """Everything that is due; when to come again, in ns."""
        now = self._clock()
        self._note_lateness(now)
        try:
            if not self._is_up:
                self._probe(now)
            else:
                self._work(now)
        except Restarted:
            pass  # told and put right
        except OSError as error:
            self._lose_bus(error)
        if not self._is_up:
            self._edge_ns = None
            return self._probe_ns
        due = min(self._poll_ns, self._verify_ns)
        return due if self._change_ns is None else min(due, self._change_ns)

    def take_events(self) -> list[PortEvent]:
        faults, self._faults = self._faults, []
        told = [PortEvent(port, event) for port, event in self.expander.take_events()]
        return faults + told

    def silence(self) -> bool:
        """Every line quiet, as the last thing that is done; whether the chip heard it."""
        self.expander.lose("closed", self._clock())
        try:
            self._set_up(self.expander.quiet)
        except OSError:
            return False
        return True

    # ---- inside

    def _note_lateness(self, now: int) -> None:
        """An edge of ringing that was promised and is only done now."""
        if self._edge_ns is None or now < self._edge_ns:
            return
        late = now - self._edge_ns
        self._lateness.append(late)
        if late > LATE_MS * MS:
            self._late += 1
        if late > TOO_LATE_MS * MS:
            self.expander.stop_ringing("line.ring_late", f"{late // MS} ms late", now)

    def _work(self, now: int) -> None:
        if self._change_ns is not None and now >= self._change_ns:
            self._bring_up_to_date(now)
        if now >= self._verify_ns:
            self._verify_ns = now + VERIFY_MS * MS
            self._verify()
        if now >= self._poll_ns:
            self._poll_ns += POLL_MS * MS
            if self._poll_ns <= now:  # we were away: no polls are made up for
                self._poll_ns = now + POLL_MS * MS
            self._poll()

    def _poll(self) -> None:
        block = self._read_pins()
        if block == self._block and self._is_calm and not self.expander.is_ringing:
            return  # what a box does nearly all day
        self._block = block
        now = self._clock()
        self._is_calm = not self.expander.feed(mcp23017.decode_reading(block), now)
        if not self._is_calm:
            self._bring_up_to_date(now)

    def _read_pins(self) -> bytes:
        """A poll that can be believed: it shows our outputs as we drive them. A chip that started
        again is found so within one poll; one that only reads wrong is a bus error."""
        for _ in range(TRIES):
            block = self._read(mcp23017.POLL_FROM, mcp23017.POLL_OCTETS)
            written = self._written
            if written is not None and mcp23017.decode_reading(block).shows(written):
                return block
            self._errors += 1
        self._verify()
        raise OSError(errno.EIO, "the outputs read back are not those that were written")

    def _bring_up_to_date(self, now: int) -> None:
        self.expander.advance(now)
        wanted, written = self.expander.outputs(now), self._written
        if written is None or wanted.latch != written.latch:
            self._write(mcp23017.OLAT, mcp23017.encode_word(wanted.latch))
        if written is None or wanted.direction != written.direction:
            self._write(mcp23017.IODIR, mcp23017.encode_word(wanted.direction))
        self._written = wanted
        self.expander.wrote(now, self._clock())
        self._change_ns = self.expander.next_change(now)
        self._edge_ns = self.expander.next_edge(now)

    def _verify(self) -> None:
        """Does the chip hold what we wrote? Raises Restarted when it did not; it does again."""
        assert self._written is not None
        settings = self._read(mcp23017.SETTINGS_FROM, mcp23017.SETTINGS_OCTETS)
        latch = mcp23017.decode_word(self._read(mcp23017.OLAT, 2))
        watched = self.expander.watched
        if (
            settings == mcp23017.settings_of(self._written, watched)
            and latch == self._written.latch
        ):
            return
        self._restarts += 1
        has_reset = mcp23017.decode_word(settings) == mcp23017.AFTER_RESET
        code = "line.brown_out" if has_reset else "line.settings_lost"
        now = self._clock()
        self.expander.lose(code, now)
        self._tell_fault(code, settings.hex())
        self._start(now)
        before, self._restarted_ns = self._restarted_ns, now
        if now - before < PROBE_MS * MS:
            raise OSError(errno.EIO, "it starts again and again")
        raise Restarted

    def _start(self, now: int) -> None:
        self._set_up(self.expander.quiet)
        self._read(mcp23017.POLL_FROM, mcp23017.POLL_OCTETS)  # clears what was captured
        self._is_up, self._is_calm, self._hasty = True, False, 0
        self._change_ns = now
        self.expander.restore(now)
        self._poll_ns = now + POLL_MS * MS
        self._verify_ns = now + VERIFY_MS * MS

    def _set_up(self, outputs: Outputs) -> None:
        for register, data in mcp23017.set_up(outputs, self.expander.watched):
            self._write(register, data)
        self._written = outputs

    def _probe(self, now: int) -> None:
        if now >= self._probe_ns:
            self._start(now)

    def _lose_bus(self, error: OSError) -> None:
        now = self._clock()
        self._bus.close()  # it may be another one when it comes back
        if self._is_up:
            if self._written != self.expander.quiet:
                self._hasty = HASTY_PROBES
            self._is_up = False
            self._tell_fault("line.bus", error.strerror or str(error))
            self.expander.lose("line.bus", now)
        self._written = None
        wait_ms = PROBE_MS if not self._hasty else HASTY_PROBE_MS
        self._probe_ns = now + (0 if self._hasty == HASTY_PROBES else wait_ms * MS)
        self._hasty -= self._hasty > 0

    def _tell_fault(self, code: str, detail: str) -> None:
        now = self._clock()
        for port in range(len(self.expander.lines)):
            self._faults.append(PortEvent(port, PortFault(now, code, True, detail)))

    def _write(self, register: int, data: bytes) -> None:
        self._try(lambda: self._bus.write_i2c_block_data(self._address, register, list(data)))

    def _read(self, register: int, length: int) -> bytes:
        def read() -> bytes:
            block = bytes(self._bus.read_i2c_block_data(self._address, register, length))
            if len(block) != length:
                raise OSError(f"{len(block)} octets instead of {length}")
            return block

        return self._try(read)

    def _try(self, work: Callable[[], _Value]) -> _Value:
        for _ in range(TRIES - 1):
            try:
                return work()
            except OSError:
                self._errors += 1
        try:
            return work()
        except OSError:
            self._errors += 1
            raise
