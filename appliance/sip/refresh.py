"""The clock of a session timer: refresh in time, or find that the far end did not.

PURE. RFC 4028 §10. What a refresh and an expiry do is offers.py's.
"""

from __future__ import annotations

from appliance.sip.session import Core, Session, State
from appliance.sip.timers import cancel


def arm_refresh(core: Core, session: Session, now: float) -> None:
    """Start the session's clock again, after each 2xx to INVITE or UPDATE."""
    cancel(session.refresh)
    interval = session.interval
    if interval is None or session.state is not State.CONFIRMED:
        return
    if interval.is_refresher:
        at, act = now + interval.refresh_after_s, core.on_refresh_due
    else:
        at, act = now + interval.dead_after_s, core.on_expired
    session.refresh = core.timers.set(at, lambda then: act(session, then))
