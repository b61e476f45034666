"""The process that tends one board: ``python -m drivers.fxs_i2c.keeper PLACE COUNTRY``.

Owns the bus and one real-time thread, with an interpreter of its own, so that a busy daemon never
delays an edge of ringing. Orders come by standard input, events go by standard output, as messages.
When the input ends the daemon is dead: within a few ms all is silenced, and the process ends.
Signals do not end it: systemd sends them to all at once, and the daemon's end is what counts.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from urllib.parse import parse_qsl

import smbus2

from drivers.api import DeviceAddress, LineError
from drivers.fxs_i2c.messages import Beat, Message, Order, Outcome, decode, encode
from drivers.fxs_i2c.place import build_expander, parse_place
from drivers.fxs_i2c.ringing import MS
from drivers.fxs_i2c.tender import Tender

BEAT_MS, FIGURES_MS = 100, 1000
PRIORITY = 20  # SCHED_FIFO; below the kernel's interrupt threads (50)
#: Real-time work without a pause: a runaway loop is killed, and the daemon silences the board.
RUNAWAY_US = (300_000, 600_000)
PR_SET_TIMERSLACK, SLACK_NS = 29, 1000
LAST_TRIES, LAST_PAUSE_S = 40, 0.05
#: A daemon that does not read so much is gone.
MOST_UNREAD = 1 << 20
_INPUT, _OUTPUT = 0, 1


class Keeper:
    """The loop between a tender and the daemon's pipes."""

    def __init__(self, tender: Tender) -> None:
        self._tender = tender
        self._received = b""
        self._unsent = b""
        self._pending: list[tuple[int, int]] = []  # when an order is done, its reference
        self._beat_ns = self._figures_ns = 0
        self._was_ringing = False
        self._poll = select.poll()
        self._poll.register(_INPUT, select.POLLIN)

    def run(self) -> bool:
        """Until the daemon is gone; whether all is silent then."""
        os.set_blocking(_INPUT, False)
        os.set_blocking(_OUTPUT, False)
        try:
            while self._hear():
                due = self._tender.step()
                if not self._tell():
                    break
                self._wait(due)
        except BaseException:
            self._silence()
            raise
        return self._silence()

    def _silence(self) -> bool:
        for _ in range(LAST_TRIES):
            if self._tender.silence():
                return True
            time.sleep(LAST_PAUSE_S)
        return False

    def _wait(self, due_ns: int) -> None:
        """To an absolute moment (time.sleep is clock_nanosleep with TIMER_ABSTIME); a long wait
        is over as soon as an order comes."""
        remaining = due_ns - time.monotonic_ns()
        if remaining > 10 * MS:
            self._poll.poll((remaining - MS) // MS)
        elif remaining > 0:
            time.sleep(remaining / 1e9)

    # ---- the daemon

    def _hear(self) -> bool:
        """Do what was ordered; False when the daemon is gone."""
        try:
            octets = os.read(_INPUT, 65536)
        except BlockingIOError:
            return True
        if not octets:
            return False
        *lines, self._received = (self._received + octets).split(b"\n")
        for line in lines:
            message = decode(line)
            if isinstance(message, Order):
                self._execute(message)
        return True

    def _execute(self, order: Order) -> None:
        try:
            self._pending.append((self._tender.execute(order), order.reference))
        except LineError as error:
            self._queue(Outcome(order.reference, error.key, error.detail))

    def _tell(self) -> bool:
        """Everything that is to be told; False when nobody reads it."""
        now = time.monotonic_ns()
        for event in self._tender.take_events():
            self._queue(event)
        if self._pending:
            for _, reference in (done for done in self._pending if done[0] <= now):
                self._queue(Outcome(reference))
            self._pending = [later for later in self._pending if later[0] > now]
        is_ringing = self._tender.expander.is_ringing
        if is_ringing != self._was_ringing or (is_ringing and now >= self._beat_ns):
            self._was_ringing, self._beat_ns = is_ringing, now + BEAT_MS * MS
            self._queue(Beat(is_ringing))
        if now >= self._figures_ns:
            self._figures_ns = now + FIGURES_MS * MS
            self._queue(self._tender.figures)
        return self._flush()

    def _queue(self, message: Message) -> None:
        self._unsent += encode(message)

    def _flush(self) -> bool:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(_OUTPUT, self._unsent) :]
        except BlockingIOError:
            return len(self._unsent) < MOST_UNREAD
        except OSError:
            return False
        return True


def become_punctual() -> None:
    """Real-time priority where it is allowed, exact timers, no pauses for collecting garbage."""
    with contextlib.suppress(OSError):
        resource.setrlimit(resource.RLIMIT_RTTIME, RUNAWAY_US)
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK  # ours alone
        os.sched_setscheduler(0, policy, os.sched_param(PRIORITY))
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, SLACK_NS, 0, 0, 0)
    gc.freeze()
    gc.disable()  # nothing here makes cycles


class LateBus:
    """A bus that is opened as it is needed: it may be missing at the start, and come."""

    def __init__(self, bus: int | str) -> None:
        self._name = bus
        self._bus: smbus2.SMBus | None = None

    def read_i2c_block_data(self, i2c_addr: int, register: int, length: int) -> list[int]:
        block: list[int] = self._opened().read_i2c_block_data(i2c_addr, register, length)
        return block

    def write_i2c_block_data(self, i2c_addr: int, register: int, data: list[int]) -> None:
        self._opened().write_i2c_block_data(i2c_addr, register, data)

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def _opened(self) -> smbus2.SMBus:
        if self._bus is None:
            self._bus = smbus2.SMBus(self._name)
        return self._bus


def main(argv: Sequence[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    text, country = argv
    where, _, options = text.partition("?")
    place = parse_place(DeviceAddress("i2c", where, dict(parse_qsl(options))))
    expander = build_expander(place, country)
    tender = Tender(expander, LateBus(place.bus), place.address, time.monotonic_ns)
    become_punctual()
    return 0 if Keeper(tender).run() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
