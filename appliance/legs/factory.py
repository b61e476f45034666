"""Makes the leg that a call's Dial asks for, and dials it.

Owns nothing. What cannot be dialled at all (the phone has gone, the trunk's name does not resolve,
no port is left) is a leg that fails at once, so that the call hears of it like of any other
failure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.apps.line import Apps
from appliance.call import leg as vocabulary
from appliance.call.leg import AppDestination, Cause, Dial, PhoneDestination, TrunkDestination
from appliance.config.model import Snapshot
from appliance.errors import MediaError
from appliance.legs.app import AppLeg
from appliance.legs.diversion import with_diversion
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.lines.keeper import BINDING, LineKeeper
from appliance.legs.parts import LegParts
from appliance.legs.phone import bracket, invitation_to_phone, phone_leg
from appliance.legs.registrations import Registrations
from appliance.legs.sip_leg import SipLeg
from appliance.legs.trunks.identity import invitation_to_trunk, trunk_domain
from appliance.legs.trunks.keeper import TrunkKeeper
from appliance.legs.trunks.trunk import TrunkLeg, trunk_media
from appliance.media.sounds import Sounds

log = logging.getLogger(__name__)
AnyLeg = SipLeg | AnalogLeg | AppLeg


@dataclass(frozen=True, slots=True)
class LegFactory:
    """Knows where phones, trunks, lines and apps are to be found."""

    parts: LegParts
    registrations: Registrations
    trunks: TrunkKeeper
    lines: LineKeeper
    apps: Apps
    sounds: Sounds

    def dial(
        self, command: Dial, snapshot: Snapshot, add: Callable[[int, AnyLeg | None], None]
    ) -> AnyLeg | None:
        """Make and dial; None = failed at once. ``add`` hears of the leg before it can tell."""
        add(command.leg, None)
        try:
            match command.destination:
                case PhoneDestination() as phone if phone.binding.startswith(BINDING):
                    return self._dial_line(command, phone.binding, phone.extension, add)
                case PhoneDestination() as phone:
                    return self._dial_phone(command, phone, add)
                case TrunkDestination() as trunk if trunk.trunk in snapshot.document.line_by_name:
                    return self._dial_line(command, trunk.trunk, trunk.number, add)
                case TrunkDestination() as trunk:
                    return self._dial_trunk(command, trunk, snapshot, add)
                case AppDestination() as app:
                    return self._dial_app(command, app, add)
        except MediaError as error:
            log.error("leg %d: %s", command.leg, error.key)
            self._fail(command, Cause.CONGESTION, error.key)
        return None

    def _dial_phone(
        self,
        command: Dial,
        destination: PhoneDestination,
        add: Callable[[int, AnyLeg | None], None],
    ) -> SipLeg | None:
        binding = self.registrations.binding(destination.binding)
        if binding is None or command.offer is None:
            self._fail(command, Cause.UNREACHABLE, "not registered")
            return None
        leg = phone_leg(command.leg, binding, self.parts)
        add(command.leg, leg)
        body = leg.media.offer(command.offer)
        invitation = invitation_to_phone(binding, command.caller, body, self.parts)
        diversion = command.diversion
        if diversion is not None:
            host, _ = self.parts.addresses.sip_address(binding.hop)
            user = diversion.extension
            invitation = with_diversion(invitation, diversion, user, bracket(host))
        leg.invite(invitation)
        return leg

    def _dial_trunk(
        self,
        command: Dial,
        destination: TrunkDestination,
        snapshot: Snapshot,
        add: Callable[[int, AnyLeg | None], None],
    ) -> SipLeg | None:
        trunk = snapshot.document.trunk_by_name.get(destination.trunk)
        line = self.trunks.lines.get(destination.trunk)
        if trunk is None or line is None or not line.hops or command.offer is None:
            self._fail(command, Cause.UNREACHABLE, "trunk not resolved")
            return None
        media = trunk_media(line.hops[0], self.parts)
        if destination.is_emergency:
            media.make_room = self.parts.make_room
        leg = TrunkLeg(command.leg, f"trunk {trunk.name}", self.parts, media)
        leg.line = line
        add(command.leg, leg)
        body = leg.media.offer(command.offer)
        interval = snapshot.document.site.session_expires_s
        invitations = [
            invitation_to_trunk(trunk, destination, command.caller, body, hop) for hop in line.hops
        ]
        diversion, user = command.diversion, destination.caller_id
        if diversion is not None and user:
            domain = trunk_domain(trunk)
            invitations = [with_diversion(i, diversion, user, domain) for i in invitations]
        leg.dial([replace(i, session_expires_s=interval) for i in invitations])
        return leg

    def _dial_line(
        self,
        command: Dial,
        name: str,
        number: str,
        add: Callable[[int, AnyLeg | None], None],
    ) -> AnalogLeg | None:
        """A telephone on our wires, or a number by a line out."""
        post = self.lines.post_of(name)
        if post is None or post.desk is None or post.why:
            self._fail(command, Cause.UNREACHABLE, post.why if post is not None else "line.lost")
            return None
        target = command.destination
        is_emergency = isinstance(target, TrunkDestination) and target.is_emergency
        leg = post.desk.dial(command, number, is_emergency=is_emergency)
        add(command.leg, leg)
        return leg

    def _dial_app(
        self, command: Dial, destination: AppDestination, add: Callable[[int, AnyLeg | None], None]
    ) -> AppLeg:
        app = self.apps[destination.app]
        leg = AppLeg(command, destination, app, self.parts, self.sounds)
        add(command.leg, leg)
        leg.dial(command.offer)
        return leg

    def _fail(self, command: Dial, cause: Cause, said: str) -> None:
        self.parts.tell(vocabulary.Failed(command.leg, cause, 0, said))
