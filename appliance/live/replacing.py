"""Which place in a live call an INVITE with Replaces means (RFC 3891 §3).

Owns nothing: looks at the live calls at that moment. A dialog is found by the name that watchers
were told, or by the real Call-ID and tags, which its own phone knows. Whether the caller may have
the place is routing's to say (routing/replacing.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.call.body import LegPhase
from appliance.call.call import Call
from appliance.call.leg import PhoneDestination, Replaced
from appliance.call.part import parts_of_extension, parts_of_way
from appliance.errors import RemoteProtocolError
from appliance.live.calls import LiveCalls
from appliance.sip.replaces import DialogNames, Replaces

_NOT_FOUND, _NOT_EARLY, _OVER = 481, 486, 603
_OVER_PHASES = (LegPhase.ENDING, LegPhase.GONE)


@dataclass(frozen=True, slots=True)
class Replacing:
    """leg_of_dialog: Call-ID, our tag, theirs -> number of the SIP leg that has it, or 0."""

    live: LiveCalls
    names: DialogNames
    leg_of_dialog: Callable[[str, str, str], int]

    def find(self, wanted: Replaces) -> Replaced:
        """The place that is meant.

        Raises RemoteProtocolError: 481 where there is no such dialog, or one that rings at somebody
        else's wish; 603 where it is over; 486 where it is answered and was wanted ringing.
        """
        named = self.names.find(wanted)
        if named is None:
            leg = self.leg_of_dialog(wanted.call_id, wanted.to_tag, wanted.from_tag)
            found = self._by_leg(leg)
        else:
            found = self._by_part(*named)
        if found.leg and wanted.is_early_only:
            raise _refuse("it is answered already", _NOT_EARLY)
        return found

    def _by_part(self, ident: str, name: str) -> Replaced:
        live = self.live.by_ref.get(ident.partition("-")[0])
        if live is None:
            raise _refuse("the call is over", _OVER)
        call = live.call
        is_extension = name in live.snapshot.document.extension_by_number
        parts = parts_of_extension(call, name) if is_extension else parts_of_way(call, name)
        part = next((part for part in parts if part.ident == ident), None)
        if part is None:
            raise _refuse("its part of the call is over", _OVER)
        if part.leg:
            return Replaced(call.call_ref, name if is_extension else "", part.leg)
        if not part.is_called:
            raise _refuse("it calls, and is not called", _NOT_FOUND)
        return Replaced(call.call_ref, name if is_extension else _ringing_at(call))

    def _by_leg(self, number: int) -> Replaced:
        live = self.live.call_of_leg(number)
        leg = live.call.body.legs.get(number) if live is not None else None
        if live is None or leg is None:
            raise _refuse("no such dialog", _NOT_FOUND)
        if leg.phase in _OVER_PHASES:
            raise _refuse("the dialog is over", _OVER)
        call, destination = live.call, leg.destination
        if leg.number == call.body.offered.leg:
            extension = call.body.offered.extension
        elif isinstance(destination, PhoneDestination):
            extension = destination.extension
        else:
            extension = leg.party.removeprefix("extension ") if destination is None else ""
        if leg.phase is LegPhase.ANSWERED:
            return Replaced(call.call_ref, extension, leg.number)
        if not leg.is_called:
            raise _refuse("its caller waits for us", _NOT_FOUND)
        return Replaced(call.call_ref, extension)


def _ringing_at(call: Call) -> str:
    """The extension at which this call rings, or empty."""
    destinations = (leg.destination for leg in call.body.called)
    return next((d.extension for d in destinations if isinstance(d, PhoneDestination)), "")


def _refuse(why: str, status: int) -> RemoteProtocolError:
    return RemoteProtocolError(f"Replaces: {why}", status=status, section="RFC 3891 §3")
