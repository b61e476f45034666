"""Calls that come in by a trunk: the trunk's own numbers, and nothing else.

PURE. A trunk's caller is matched against that trunk's DIDs only, in whatever form the provider
writes them; what is unknown rings at the site's default extension with an alert. The dial plan, the
feature codes and the ways out are not even looked at: nobody outside can call out through us.
A line that names an extension rings it, unless a DID of that line says otherwise; one that answers
by itself, with words or for a mailbox, rings nobody.
"""

from __future__ import annotations

from appliance.call.leg import Cause
from appliance.config.model import VOICEMAIL, DestinationKind, Did
from appliance.routing.decision import Decision, RunApp, Verdict
from appliance.routing.internal import ring
from appliance.routing.mailbox import mailbox_of, take_message
from appliance.routing.number import normalise, shown
from appliance.routing.plan import Asking
from appliance.routing.way import Way

UNKNOWN_DID = "unknown_did"


def decide_inbound(asking: Asking) -> Decision:
    """The way of a call that a trunk brought."""
    name = asking.request.trunk
    trunk = asking.plan.trunks.get(name)
    if trunk is None or not trunk.is_enabled:
        asking.because("trunk.disabled" if trunk else "trunk.unknown", trunk=shown(name))
        return asking.refuse(None, "", Cause.FORBIDDEN, "")
    dialled = normalise(asking.request.dialled)
    asking.because("caller.trunk", trunk=name, dialled=shown(dialled))
    if trunk.announces == VOICEMAIL:
        return _take_message(asking, trunk)
    if trunk.announces:
        return _announce(asking, trunk)
    did = _find(asking, trunk, dialled)
    if did is None and trunk.extension:
        known = trunk.caller_id or trunk.name
        asking.because("did.known", number=known, trunk=name, extension=trunk.extension)
        return ring(asking, trunk.extension)
    if did is None:
        return _ring_default(asking, trunk, dialled)
    if not did.is_enabled:
        asking.because("did.disabled", number=did.number)
        return asking.refuse(None, did.number, Cause.NOT_FOUND, "no_such_number")
    asking.because("did.known", number=did.number, trunk=name, extension=did.extension)
    return ring(asking, did.extension)


def _announce(asking: Asking, line: Way) -> Decision:
    asking.because("did.announces", line=line.name, prompt=line.announces)
    return Decision(
        verdict=Verdict.ROUTE,
        kind=None,
        number=line.caller_id or line.name,
        steps=(RunApp("message", line.announces),),
        cause=Cause.NORMAL,
        reasons=tuple(asking.reasons),
    )


def _take_message(asking: Asking, line: Way) -> Decision:
    """The mailbox of the line's extension answers; the line rings on where it has none."""
    mailbox = mailbox_of((line.extension,), asking.plan)
    if not mailbox:
        asking.because("voicemail.none", extension=line.extension)
        kind = DestinationKind.INTERNAL
        return asking.refuse(kind, line.extension, Cause.UNREACHABLE, "unavailable")
    asking.because("did.voicemail", line=line.name, mailbox=mailbox)
    return take_message(asking, mailbox, Cause.NORMAL)


def _find(asking: Asking, trunk: Way, dialled: str) -> Did | None:
    table = asking.plan.dids[trunk.name]
    return table.get(dialled.removeprefix("+")) or table.get(dialled)


def _ring_default(asking: Asking, trunk: Way, dialled: str) -> Decision:
    asking.because("did.unknown", number=shown(dialled), trunk=trunk.name)
    extension = asking.plan.site.default_extension
    if not extension:
        asking.because("did.no_default")
        return asking.refuse(
            None, shown(dialled), Cause.NOT_FOUND, "no_such_number", (UNKNOWN_DID,)
        )
    asking.because("did.default", extension=extension)
    return ring(asking, extension, (UNKNOWN_DID,))
