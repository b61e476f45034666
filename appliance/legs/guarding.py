"""The guard's view of the house: whose address is whose, and which numbers there are.

Owns nothing; binds the pure guard to the networks, trunks, settings and phones of the office.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.guard.gate import Gate, OnAlert
from appliance.guard.logins import Surroundings
from appliance.guard.signatures import Signatures
from appliance.legs.identity import trunks_at
from appliance.legs.parts import LegParts
from appliance.legs.registrations import Registrations
from appliance.legs.trunks.keeper import TrunkKeeper
from appliance.sip.binding import Binding


def make_gate(
    parts: LegParts,
    registrations: Registrations,
    trunks: TrunkKeeper,
    scanners: Signatures,
    on_alert: OnAlert,
) -> Gate:
    """A gate that looks at the settings in force and the phones that are registered."""

    def is_trunk(host: str) -> bool:
        return bool(trunks_at(host, parts.snapshot().document.trunks, trunks.trunk_of_host))

    around = Surroundings(
        is_lan=parts.addresses.is_local,
        is_trunk=is_trunk,
        is_account=lambda name: name in parts.snapshot().document.extension_by_number,
        lives_at=lambda account, hop: registrations.binding_at(account, hop) is not None,
    )
    return Gate(around, scanners, on_alert)


def welcome(gate: Gate, bindings: Iterable[Binding], now: float) -> None:
    """Phones that were registered before a restart are known at once."""
    for binding in bindings:
        gate.proved(binding.address_of_record, binding.hop, now)
