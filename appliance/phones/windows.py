"""Windows: for how long a phone may be told its passwords, and why it ends early.

Pure tables with ``now`` in monotonic seconds; a restart closes every window. A window is opened by
an admin or by dialling a claim code from the phone, and is closed by the first registration after
the passwords have left.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 300.0


@dataclass(slots=True)
class _Window:
    until: float
    is_used: bool = False


class Windows:
    """By hardware address."""

    def __init__(self) -> None:
        self._open: dict[str, _Window] = {}

    def open(self, mac: str, now: float) -> None:
        """Open one for WINDOW_S, or begin it anew."""
        self._open[mac] = _Window(now + WINDOW_S)

    def open_ones(self) -> tuple[str, ...]:
        """Whose windows were opened and not closed; some may have ended by themselves."""
        return tuple(self._open)

    def close(self, mac: str) -> bool:
        """Close it; False when there was none."""
        return self._open.pop(mac, None) is not None

    def is_open(self, mac: str, now: float) -> bool:
        return self.left_s(mac, now) > 0

    def left_s(self, mac: str, now: float) -> float:
        """How long it is open yet; 0 = it is not."""
        window = self._open.get(mac)
        if window is None:
            return 0.0
        if now >= window.until:
            del self._open[mac]
            return 0.0
        return window.until - now

    def used(self, mac: str) -> None:
        """The passwords have left through it."""
        if (window := self._open.get(mac)) is not None:
            window.is_used = True

    def registered(self, mac: str) -> bool:
        """The phone has registered: a window that was used closes; True when it did."""
        window = self._open.get(mac)
        return window is not None and window.is_used and self.close(mac)
