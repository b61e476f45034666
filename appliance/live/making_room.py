"""Room for an emergency call: on a way that was taken after its decision, and among the ports.

PURE. A silent way may have been tried for seconds before; whoever has the place by then is in the
way, whether routing had named him or not.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.call.leg import Dial, TrunkDestination
from appliance.config.model import Snapshot
from appliance.legs.sip_leg import SipLeg
from appliance.live.calls import LiveCalls
from appliance.routing.decision import OutboundCall
from appliance.routing.emergency import in_the_way
from appliance.routing.plan import plan_of


def who_makes_room(
    dial: Dial, snapshot: Snapshot, trunk_calls: Mapping[str, tuple[OutboundCall, ...]]
) -> str:
    """The call_ref of the call that has to be dropped before this leg is dialled, or empty."""
    target = dial.destination
    if not isinstance(target, TrunkDestination) or not target.is_emergency:
        return ""
    way = plan_of(snapshot).trunks.get(target.trunk)
    return in_the_way(way, trunk_calls.get(target.trunk, ())) if way is not None else ""


def whose_ports(live: LiveCalls) -> str:
    """The call_ref of the call that ends so that an emergency gets its ports, or empty: the
    youngest other one that has any."""
    others = [
        call
        for call in live.by_ref.values()
        if call.decision is None or not call.decision.is_emergency
        if any(isinstance(leg, SipLeg) for leg in call.legs.values())
    ]
    victim = max(others, key=lambda call: call.started, default=None)
    return victim.call.call_ref if victim is not None else ""
