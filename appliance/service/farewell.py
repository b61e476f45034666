"""What is said when the daemon stops, and how long that may take.

Owns nothing. Calls come first: their BYEs leave before anything else, and are waited for, as are
the providers' answers to our sign-offs, three seconds at most. Phones that watch are told that
their lamps are over, for as long as a phone that lives needs to answer: one that is switched off
delays no stop.
"""

from __future__ import annotations

import asyncio

from appliance.call.leg import Cause
from appliance.clock import Clock
from appliance.exchange import Exchange
from appliance.sip.endpoint import Endpoint

OWED_S = 3.0
#: A round trip and a challenge on a LAN, with room.
COURTESY_S = 0.3
_ROUND_S = 0.02


async def say_farewell(exchange: Exchange, endpoint: Endpoint, clock: Clock) -> None:
    """End calls with BYE, subscriptions with NOTIFY, take registrations back."""
    began = clock.now()
    exchange.switchboard.hang_up_all(Cause.SHUTDOWN)
    await asyncio.sleep(_ROUND_S)  # thousands of NOTIFYs take their time: no BYE waits for them
    exchange.notifier.end_all()
    exchange.trunks.close()
    await exchange.lines.close()
    while _is_owed(exchange, endpoint) and clock.now() < began + OWED_S:
        await asyncio.sleep(_ROUND_S)
    while len(exchange.requests) and clock.now() < began + COURTESY_S:
        await asyncio.sleep(_ROUND_S)


def _is_owed(exchange: Exchange, endpoint: Endpoint) -> bool:
    """Whether a call's end, or a provider's word to our sign-off, is still waited for."""
    is_call = bool(exchange.live.by_ref) or endpoint.byes_unanswered > 0
    return is_call or exchange.requests.sign_offs > 0
