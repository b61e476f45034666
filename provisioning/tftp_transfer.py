"""One TFTP transfer: blocks out, acknowledgements in, until the last one or until it is given up.

Owns its socket, which is connected to the far end, and one timer. ``on_proved`` is told once, when
the far end has answered for the first time or the transfer is over before that; ``on_over`` once at
the end. RFC 1350, RFC 2347 (option acknowledgement), RFC 7440 (windows).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass

from provisioning.tftp_packets import (
    ReadRequest,
    RefusedPacket,
    Terms,
    decode_ack,
    encode_data,
    encode_option_ack,
    negotiate,
)


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """Seconds; half_open_s: until the first answer; tries: of one window."""

    retransmit_s: float = 1.0
    half_open_s: float = 10.0
    tries: int = 6


def _nobody() -> None:
    """Until the server listens."""


class Transfer:
    """A content on its way to one far end."""

    __slots__ = (
        "_base",
        "_budget",
        "_content",
        "_first",
        "_has_resent",
        "_last",
        "_limits",
        "_loop",
        "_sent",
        "_sock",
        "_terms",
        "_timer",
        "_tries",
        "is_half_open",
        "on_over",
        "on_proved",
    )

    def __init__(self, sock: socket.socket, content: bytes, limits: TransferLimits) -> None:
        self._sock = sock
        self._content = memoryview(content)
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._terms = Terms()
        self._first = b""  # what the request is answered by
        self._budget = 0  # octets that may still go to a far end that has not answered
        self._base = 1  # the first block that is not acknowledged, counted without wrapping
        self._sent = 0  # the last block that is on its way
        self._last = 1
        self._tries = 0
        self._has_resent = False
        self._timer: asyncio.TimerHandle | None = None
        self.is_half_open = True
        self.on_proved: Callable[[], None] = _nobody
        self.on_over: Callable[[], None] = _nobody

    def start(self, request: ReadRequest) -> None:
        """Answer the request."""
        self._terms = negotiate(request.options, len(self._content))
        self._last = len(self._content) // self._terms.block_octets + 1
        self._loop.add_reader(self._sock.fileno(), self._read)
        if self._terms.accepted:
            self._first = encode_option_ack(self._terms.accepted)
            self._base = 0  # the option acknowledgement is acknowledged as block 0
            self._sent = 0
        else:
            self._first = encode_data(1, self._block(1))
            self._sent = 1
        self._arm(self._limits.half_open_s)
        self.asked_again(request.octets)
        if self._terms.accepted:
            self._arm(self._wait_s)

    def asked_again(self, octets: int) -> None:
        """The far end repeats its request: its answer may have been lost."""
        if not self.is_half_open:
            return
        self._budget += 2 * octets
        self._send(self._first)
        self._budget -= len(self._first)

    def close(self) -> None:
        """Give it up, or be done with it."""
        if self._sock.fileno() < 0:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
        self._prove()
        self.on_over()

    # ---- acknowledgements

    def _read(self) -> None:
        while self._sock.fileno() >= 0:
            try:
                number = decode_ack(self._sock.recv(64))
            except BlockingIOError:
                return
            except (OSError, RefusedPacket):
                self.close()
                return
            if number is not None:
                self._acknowledged(number)

    def _acknowledged(self, number: int) -> None:
        ahead = (number - self._base) & 0xFFFF
        if ahead > self._sent - self._base:
            self._acknowledged_before(number)
            return
        if self.is_half_open:
            self._prove()
        self._base += ahead + 1
        self._tries = 0
        self._has_resent = False
        if self._base > self._last:
            self.close()
            return
        self._send_window()

    def _acknowledged_before(self, number: int) -> None:
        """The far end misses the first block of a window: once, it is sent again (RFC 7440 §4).

        With one block on its way a repeated acknowledgement is answered by nothing.
        """
        is_gap = number == (self._base - 1) & 0xFFFF and not self.is_half_open
        if is_gap and self._terms.window > 1 and not self._has_resent:
            self._has_resent = True
            self._send_window()

    def _prove(self) -> None:
        if self.is_half_open:
            self.is_half_open = False
            self.on_proved()

    # ---- blocks

    def _send_window(self) -> None:
        self._sent = min(self._base + self._terms.window - 1, self._last)
        for number in range(self._base, self._sent + 1):
            self._send(encode_data(number, self._block(number)))
        self._arm(self._wait_s)

    def _block(self, number: int) -> memoryview:
        octets = self._terms.block_octets
        return self._content[(number - 1) * octets : number * octets]

    def _send(self, packet: bytes) -> None:
        with contextlib.suppress(OSError):  # a full buffer is a lost packet
            self._sock.send(packet)

    @property
    def _wait_s(self) -> float:
        return self._terms.timeout_s or self._limits.retransmit_s

    def _arm(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        self._tries += 1
        if self.is_half_open:
            self._wait_for_first_answer()
        elif self._tries >= self._limits.tries:
            self.close()
        else:
            self._send_window()

    def _wait_for_first_answer(self) -> None:
        """One more option acknowledgement, if it is paid for; then only patience."""
        if not self._terms.accepted or self._tries > 1:
            self.close()
            return
        if self._budget >= len(self._first):
            self._budget -= len(self._first)
            self._send(self._first)
        self._arm(self._limits.half_open_s)
