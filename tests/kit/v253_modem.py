"""An emulated voice modem on a pty, in real time: as a USB dongle with a line behind it looks.

Owns a thread and a pty; ``path`` is a symlink as udev makes it (by-id), which vanishes with the
modem and leads to another pty when it comes back. Speaks 8000 octets a second by the wall clock.
Imports nothing of the product. ``modem.ring("4951", "IVANOV")``, ``modem.line.far_end.answer()``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import termios
import threading
import time
import tty
from pathlib import Path
from typing import Any

from tests.kit.closing import Closing
from tests.kit.processes import wait_until
from tests.kit.v253_line import FarState, Line
from tests.kit.v253_machine import Machine
from tests.kit.v253_models import MODELS

_TICK_S = 0.01


class Modem(Closing):
    """One modem; a context manager that always ends it.

    model: a name of v253_models.MODELS; quirks: fields of Model that differ here;
    writes: ``whole`` (as they come), ``bytewise`` (one octet a write), ``glued`` (gathered 60 ms).
    """

    def __init__(
        self,
        folder: Path,
        model: str = "cx93010",
        *,
        country: str = "ru",
        writes: str = "whole",
        seed: int = 1,
        **quirks: Any,
    ) -> None:
        self.lock = threading.RLock()
        self.model = dataclasses.replace(MODELS[model], **quirks)
        self.machine = Machine(self.model, country, self.lock, seed)
        self.line: Line = self.machine.line
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / self.model.usb_name
        self.writes = writes
        self._begun = time.monotonic()
        self._master = -1
        self._gathered_at = 0.0
        self._closing = threading.Event()
        self._is_hung_up = False  # nobody has the tty open
        self.plug_in()
        self._thread = threading.Thread(target=self._run, name=f"modem {model}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """As the box's settings name it."""
        return f"serial:{self.path}"

    # ---- what a test does to it

    def ring(self, number: str = "", name: str = "", time: str = "11220930") -> None:
        """The line rings; ``P`` or ``O`` for a number that is withheld or unknown."""
        with self.lock:
            self.machine.ring(number, name, time)

    def stop_ringing(self) -> None:
        with self.lock:
            self.line.stop_ringing()

    def vanish(self) -> None:
        """Unplug it: the tty fails, its name goes."""
        with self.lock:
            self.path.unlink(missing_ok=True)
            if self._master >= 0:
                os.close(self._master)
            self._master = -1
            self.machine.dropped()

    def plug_in(self) -> None:
        """Plug it in (again): another tty, the old name."""
        with self.lock:
            master, slave = os.openpty()
            tty.setraw(slave, termios.TCSANOW)
            os.set_blocking(master, False)
            target = os.ttyname(slave)
            os.close(slave)
            self.machine.dropped()
            self._master = master
            self.path.unlink(missing_ok=True)
            self.path.symlink_to(target)

    def say_raw(self, octets: bytes) -> None:
        """The modem sends these octets, whatever they are."""
        with self.lock:
            self.machine.out += octets

    def wait_for_state(self, state: FarState, timeout_s: float = 10.0) -> None:
        """The far end is called, talks, …"""
        self._wait(lambda: self.line.far_end.state is state, timeout_s, f"far end {state.value}")

    def wait_for_dialled(self, digits: str, timeout_s: float = 15.0) -> None:
        self._wait(lambda: self.line.dialled == digits, timeout_s, f"{digits} dialled")

    def wait_for_hook(self, is_off_hook: bool, timeout_s: float = 10.0) -> None:
        name = "off-hook" if is_off_hook else "on-hook"
        self._wait(lambda: self.line.is_off_hook is is_off_hook, timeout_s, name)

    def wait_until_called(self, timeout_s: float = 20.0) -> None:
        self.wait_for_state(FarState.CALLED, timeout_s)

    def _wait(self, condition: Any, timeout_s: float, what: str) -> None:
        wait_until(condition, timeout_s, what, self.tell)

    def tell(self) -> str:
        """What happened, for the words of a failure."""
        with self.lock:
            machine = self.machine
            return (
                f"modem {self.model.name}: off-hook {self.line.is_off_hook}, dialled "
                f"{self.line.dialled!r}, far end {self.line.far_end.state.value}, stream "
                f"{machine.stream is not None}\ncommands: {machine.commands[-20:]}\n"
                f"violations: {machine.violations}"
            )

    def close(self) -> None:
        self._closing.set()
        self._thread.join(5.0)
        self.vanish()

    # ---- the thread

    def _run(self) -> None:
        tick = 0
        while not self._closing.is_set():
            tick += 1
            left = self._begun + tick * _TICK_S - time.monotonic()
            master = self._master
            if left > 0:
                self._await(master, left)
            else:
                tick = int((time.monotonic() - self._begun) / _TICK_S)
            with self.lock:
                if self._master == master and master >= 0:
                    self._exchange(master)
                self.machine.advance(time.monotonic() - self._begun)
                if self._master >= 0:
                    self._write(self._master)

    def _await(self, master: int, seconds: float) -> None:
        """Until the host's octets come, or the tick is due: in a stream (its clock is the modem's
        own) and on a tty that nobody has open, which is always readable, the tick alone."""
        if master < 0 or self._is_hung_up or self.machine.stream is not None:
            self._closing.wait(seconds)
            return
        with contextlib.suppress(OSError, ValueError):
            select.select([master], [], [], seconds)

    def _exchange(self, master: int) -> None:
        stream = self.machine.stream
        room = 4096 if stream is None else min(4096, stream.room)
        if room == 0:
            return
        try:
            octets = os.read(master, room)
        except BlockingIOError:
            self._is_hung_up = False
            return
        except OSError:  # the host has closed its side: DTR is down
            if not self._is_hung_up:
                self._is_hung_up = True
                self.machine.dropped()
            return
        self._is_hung_up = False
        self.machine.receive(octets)

    def _write(self, master: int) -> None:
        out = self.machine.out
        if not out:
            return
        if self.writes == "glued" and self.machine.stream is None:
            now = time.monotonic()
            self._gathered_at = self._gathered_at or now
            if now - self._gathered_at < 0.06:
                return
            self._gathered_at = 0.0
        step = 1 if self.writes == "bytewise" else 2048
        with contextlib.suppress(BlockingIOError, OSError):
            while out:
                done = os.write(master, bytes(out[:step]))
                del out[:done]
