"""Call audio between a modem's PCM port and the media core, on a thread of its own.

Owns the PCM descriptor and one end of a socket pair, whose other end the media core reads: the
core keeps its descriptor while the modem's audio is restarted or replugged. The modem's clock paces
both ways: as much is written to it as it gave; silence stands in for what the core does not have.
10 ms of silence go ahead of all, so that the modem does not run dry while the core makes its
answer. 16-bit little-endian, 8 kHz: 320 octets = 20 ms. ``AudioWatch`` (PURE) judges how much
came.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from enum import Enum

OCTETS_PER_S = 16000
_FRAME = 320
_LEAD = bytes(_FRAME // 2)
#: Credit beyond this is filled with silence: the core is late or has nothing.
_MOST_OWED = 3 * _FRAME
_READ_OCTETS = 4096
_SEND_BUFFER = 4 * _FRAME


class Verdict(Enum):
    WAIT = "wait"
    GOOD = "good"
    BAD = "bad"


class AudioWatch:
    """Is audio coming as it should? One second within 5 % of 16,000 octets, then 2 s of nothing is
    bad again."""

    def __init__(self, octets: int, now: float) -> None:
        self._octets = octets
        self._since = now
        self._was_good = False

    def judge(self, octets: int, now: float) -> Verdict:
        """octets: received since ever."""
        elapsed = now - self._since
        if elapsed < (2.0 if self._was_good else 1.0):
            return Verdict.WAIT
        share = (octets - self._octets) / (OCTETS_PER_S * elapsed)
        self._octets, self._since = octets, now
        if self._was_good:
            return Verdict.GOOD if share > 0.5 else Verdict.BAD
        # Bursts of up to 40 ms may fall on either side of the second.
        self._was_good = abs(share - 1.0) <= 0.05 + 0.04
        return Verdict.GOOD if self._was_good else Verdict.BAD


class PcmPump:
    """``start``, then ``core_end`` is the media core's; ``stop`` gives everything back."""

    def __init__(self, pcm_descriptor: int) -> None:
        """Takes the descriptor (non-blocking) and closes it in the end."""
        self._pcm = pcm_descriptor
        self._ours, self._cores = socket.socketpair()
        for end in (self._ours, self._cores):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._wake_reader, self._wake_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, name="cellular-pcm", daemon=True)
        self._is_stopping = False
        self._queue = b""
        self.may_send = True  # the modem's flow control
        self.received = 0
        self.sent = 0
        self.silence = 0  # octets that the core did not have
        self.dropped = 0  # octets that the modem or the core did not take

    @property
    def core_end(self) -> int:
        return self._cores.fileno()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns within a second; the core must have let go."""
        self._is_stopping = True
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b"x")
        if self._thread.is_alive():
            self._thread.join(1.0)
        self._ours.close()
        self._cores.close()
        for descriptor in (self._pcm, self._wake_reader, self._wake_writer):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _run(self) -> None:
        poller = select.poll()
        poller.register(self._pcm, select.POLLIN)
        poller.register(self._ours, select.POLLIN)
        poller.register(self._wake_reader, select.POLLIN)
        owed = 0
        while not self._is_stopping:
            for descriptor, _ in poller.poll():
                if descriptor == self._pcm:
                    got = self._from_modem()
                    if got < 0:
                        poller.unregister(self._pcm)  # unplugged: the AT port tells it
                    else:
                        owed += got
                elif descriptor == self._ours.fileno() and not self._from_core():
                    poller.unregister(self._ours)
            owed = self._pay(owed)

    def _from_modem(self) -> int:
        """Octets that went on to the core's side, -1 when the device is gone."""
        try:
            octets = os.read(self._pcm, _READ_OCTETS)
        except BlockingIOError:
            return 0
        except OSError:
            return -1
        if not octets:
            return -1
        if self.received == 0:
            self._write(_LEAD)
        self.received += len(octets)
        try:
            taken = self._ours.send(octets)
        except OSError:
            taken = 0
        self.dropped += len(octets) - taken
        return len(octets)

    def _from_core(self) -> bool:
        try:
            octets = self._ours.recv(_READ_OCTETS)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._queue += octets
        return bool(octets)

    def _pay(self, owed: int) -> int:
        """Write what is owed to the modem, the core's octets first; what remains owed."""
        count = min(owed, len(self._queue)) & ~1
        octets, self._queue = self._queue[:count], self._queue[count:]
        missing = max(0, owed - count - _MOST_OWED) & ~1
        ahead = (max(0, len(self._queue) - _MOST_OWED) + 1) & ~1
        self._queue = self._queue[ahead:]
        self.dropped += ahead
        if octets or missing:
            self._write(octets + bytes(missing))
            self.silence += missing
        return owed - count - missing

    def _write(self, octets: bytes) -> None:
        written = 0
        if self.may_send:
            with contextlib.suppress(OSError):
                written = os.write(self._pcm, octets)
        self.sent += written
        self.dropped += len(octets) - written
