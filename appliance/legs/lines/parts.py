"""What the lines of the box are given: tools for their posts, desks and legs.

Owns nothing. The exchange makes it once; a fake plane and scripted devices stand in it in tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.call.leg import Offered
from appliance.config.model import Line
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.lines.busy_learning import BusyMemory
from appliance.legs.parts import LegParts
from appliance.media.api import LinePlane, MediaEvent
from appliance.routing.decision import CallRequest, Decision
from appliance.sip.message_summary import MessageCounts

if TYPE_CHECKING:  # a box without lines need not load these
    from drivers.api import Device
    from drivers.events import SmsReceived


@dataclass(frozen=True, slots=True)
class LineParts:
    """Tools of lines.

    open_device: the device of a line in a country (drivers.registry), raises LineError; leg_number:
    a fresh one; adopt: leg, Offered; decide: routing's one function as things are; present_caller:
    an outside number as it is shown; keep_sms: line, message, True once it is safely kept;
    tell_media: an event of audio that is not the core's; busy: what lines saw of unknown busy
    tones, and learn of them; phone_changed: the extension whose telephone can, or cannot, be called
    from now on; alert: key, detail; message_counts: of an extension's mailbox.
    """

    legs: LegParts
    plane: LinePlane
    open_device: Callable[[Line, str], Awaitable[Device]]
    leg_number: Callable[[], int]
    adopt: Callable[[AnalogLeg, Offered], None]
    decide: Callable[[CallRequest], Decision]
    present_caller: Callable[[str], str]
    keep_sms: Callable[[str, SmsReceived], Awaitable[bool]]
    tell_media: Callable[[MediaEvent], None]
    busy: BusyMemory
    phone_changed: Callable[[str], None]
    alert: Callable[[str, str], None]
    message_counts: Callable[[str], MessageCounts | None]
