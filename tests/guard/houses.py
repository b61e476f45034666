"""A house for the guard to look at: a LAN, a provider, two numbers, one registered phone."""

from __future__ import annotations

from appliance.guard.logins import Surroundings
from appliance.sip.events import Hop, Transport

PHONE = Hop(Transport.UDP, "198.51.100.7", 5060)
NEIGHBOUR = Hop(Transport.UDP, "198.51.100.7", 33333)  # behind the same NAT as PHONE
LAN = Hop(Transport.UDP, "192.168.1.50", 5060)
PROVIDER = Hop(Transport.UDP, "203.0.113.1", 5060)

AROUND = Surroundings(
    is_lan=lambda host: host.startswith(("192.168.", "127.", "fe80:")),
    is_trunk=lambda host: host == PROVIDER.host,
    is_account=lambda name: name in ("2001", "2002"),
    lives_at=lambda account, hop: account == "2001" and hop == PHONE,
)


def stranger(number: int = 1, port: int = 5060) -> Hop:
    """One of 65,536 strangers."""
    return Hop(Transport.UDP, f"192.0.{number // 256}.{number % 256}", port)
