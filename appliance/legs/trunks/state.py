"""What is known of a trunk, and when to ask it again.

PURE. The state comes from real transactions: registrations, OPTIONS and calls (requirement: a
screen that says "up" while calls fail is worse than none). One failure of a trunk that was up may
be chance (a line that loses a third of its packets must not flap): it is asked again at once, and
goes down after several in a row. Back-off grows by two with a jitter of a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 40.0  # with its jitter still under the minute in which it must be found back
DOUBT_RETRY_S = 2.0  # between failures of a trunk that was up
FAILURES_TO_GO_DOWN = 4  # in a row; a loss of 30 % each way brings that about once in 50,000
REFUSED_RETRY_S = 120.0  # wrong password: asking faster only gets us banned
REFRESH_AT = 0.8  # of the granted time


class TrunkStatus(Enum):
    DISABLED = "disabled"
    REGISTERING = "registering"
    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # never asked: qualify is off and no call was made


@dataclass(slots=True)
class TrunkState:
    """One trunk. why: stable key of what brought it down; code: SIP figure behind it, or 0;
    failures: in a row, since it was heard last or went down."""

    status: TrunkStatus = TrunkStatus.UNKNOWN
    why: str = ""
    code: int = 0
    round_trip_ms: float | None = None
    changed_at: float = 0.0  # monotonic
    expires_at: float = 0.0  # monotonic end of our registration
    failures: int = 0

    def succeeded(self, now: float, round_trip_ms: float | None = None) -> bool:
        """The provider did what was asked; True when the trunk came up by it."""
        self.failures = 0
        self.code = 0
        self.why = ""
        if round_trip_ms is not None:
            self.round_trip_ms = round_trip_ms
        return self._become(TrunkStatus.UP, now)

    @property
    def is_in_doubt(self) -> bool:
        """Up, and not heard when it was asked last."""
        return self.status is TrunkStatus.UP and self.failures > 0

    def failed(self, why: str, code: int, now: float, *, may_be_chance: bool = False) -> bool:
        """It did not; True when the trunk went down by it."""
        self.failures += 1
        if may_be_chance and self.is_in_doubt and self.failures < FAILURES_TO_GO_DOWN:
            return False
        if self.status is TrunkStatus.UP:
            self.failures = 1  # back-off begins anew
        self.why = why
        self.code = code
        return self._become(TrunkStatus.DOWN, now)

    def forget_failure(self, now: float) -> None:
        """Nobody asks this provider: after a while the next call shall find out again."""
        if self.status is TrunkStatus.DOWN:
            self.why = ""
            self.code = 0
            self._become(TrunkStatus.UNKNOWN, now)

    def retry_after(self, jitter: float) -> float:
        """Seconds until the next attempt; jitter in 0..1."""
        if self.is_in_doubt:
            base = DOUBT_RETRY_S
        elif self.why == "credentials_refused":
            base = REFUSED_RETRY_S
        else:
            base = min(FIRST_RETRY_S * 2 ** max(0, self.failures - 1), LONGEST_RETRY_S)
        return base * (0.75 + 0.5 * jitter)

    def _become(self, status: TrunkStatus, now: float) -> bool:
        has_changed = self.status is not status
        if has_changed:
            self.status = status
            self.changed_at = now
        return has_changed


def why_refused(code: int) -> str:
    """The stable key behind a final status of a provider."""
    if code in (401, 403, 407):
        return "credentials_refused"
    if code == 404:
        return "account_unknown"
    if code in (408, 504):
        return "no_answer"
    return "overloaded" if code == 503 else "refused"
