"""The clock of a session timer: refresh in time, or find that the far end did not.

PURE. RFC 4028 §10. What a refresh and an expiry do is offers.py's.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.sip.session import Core, Session, State
from appliance.sip.timers import cancel


def arm_refresh(core: Core, session: Session, now: float) -> None:
    """Start the session's clock again, after each 2xx to INVITE or UPDATE."""
    interval = session.interval
    if interval is None or session.state is not State.CONFIRMED:
        cancel(session.refresh)
    elif interval.is_refresher:
        _ring(core, session, now + interval.refresh_after_s, core.on_refresh_due)
    else:
        _ring(core, session, now + interval.dead_after_s, core.on_expired)


def refresh_again(core: Core, session: Session, now: float) -> None:
    """Our refresh was refused, or has to wait: the far end's clock runs on, so ask soon."""
    interval = session.interval
    if interval is not None and interval.is_refresher and session.state is State.CONFIRMED:
        _ring(core, session, now + interval.again_after_s, core.on_refresh_due)


def _ring(core: Core, session: Session, at: float, act: Callable[[Session, float], None]) -> None:
    cancel(session.refresh)
    session.refresh = core.timers.set(at, lambda then: act(session, then))
