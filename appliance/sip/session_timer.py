"""Session timers: who refreshes a call, how often, and when it is dead.

PURE. RFC 4028. ``agree_as_server`` and ``agree_as_client`` read the negotiation; refresh.py runs
the clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import parse_figure, parse_params
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response

MIN_SE_S = 90
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Interval:
    """An agreed session interval. is_refresher: it is we who refresh."""

    seconds: int
    is_refresher: bool

    @property
    def refresh_after_s(self) -> float:
        """Half of the interval (§7.2)."""
        return self.seconds / 2

    @property
    def again_after_s(self) -> float:
        """When a refresh that was refused, or could not be sent, is tried again: several times
        before the far end gives the call up."""
        return self.seconds / 10

    @property
    def dead_after_s(self) -> float:
        """When a session that nobody refreshed is ended (§10)."""
        return self.seconds - min(32.0, self.seconds / 3)


def read_interval(headers: Headers) -> tuple[int, str]:
    """Session-Expires: seconds and refresher (``uac``, ``uas``, empty); (0, "") if absent."""
    value = headers.get("Session-Expires")
    if value is None:
        return 0, ""
    seconds, _, params = value.partition(";")
    refresher = (parse_params(params).get("refresher") or "").lower()
    return parse_figure(seconds, "Session-Expires", _LARGEST), refresher


def read_minimum(headers: Headers) -> int:
    """Min-SE in seconds, at least 90 (§5)."""
    value = headers.get("Min-SE")
    if value is None:
        return MIN_SE_S
    return max(MIN_SE_S, parse_figure(value.partition(";")[0], "Min-SE", _LARGEST))


def agree_as_server(request: Request, wanted_s: int, minimum_s: int) -> Interval | None:
    """What our 2xx will say (§9); None = no timer.

    Raises RemoteProtocolError 422 when the far end wants less than our minimum and knows timers.
    """
    asked, refresher = read_interval(request.headers)
    knows = "timer" in request.supported or "timer" in request.require
    if asked and asked < minimum_s:
        if knows:
            raise RemoteProtocolError("session too short", status=422, section="RFC 4028 §9")
        asked = minimum_s
    seconds = min(asked, wanted_s) if asked and wanted_s else asked or wanted_s
    if not seconds:
        return None
    seconds = max(seconds, read_minimum(request.headers), minimum_s)
    return Interval(seconds, is_refresher=not knows or refresher == "uas")


def agree_as_client(response: Response) -> Interval | None:
    """What a 2xx to our INVITE or UPDATE says (§7.2); a figure that cannot be read says nothing."""
    try:
        seconds, refresher = read_interval(response.headers)
    except RemoteProtocolError:
        return None
    if not seconds:
        return None
    return Interval(max(seconds, MIN_SE_S), is_refresher=refresher != "uas")


def put_on_answer(headers: Headers, interval: Interval, request: Request) -> None:
    """Session-Expires, and Require where the far end knows timers (§9)."""
    refresher = "uas" if interval.is_refresher else "uac"
    headers.add("Session-Expires", f"{interval.seconds};refresher={refresher}")
    if "timer" in request.supported:
        headers.add("Require", "timer")
