"""The sockets of SIP: UDP sockets and TCP streams, opened, followed and closed.

Owns them, and the traffic between them and the endpoint (sip_traffic.py), which is their ear.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from appliance.clock import Clock
from appliance.errors import UserError
from appliance.net.group_ear import GroupEar
from appliance.net.own_address import OwnAddresses
from appliance.net.sip_traffic import SipEndpoint, SipTraffic
from appliance.net.socket_options import family_of
from appliance.net.stream import Streams
from appliance.net.stream_room import StreamDoor, StreamLimits
from appliance.net.udp import UdpSocket
from appliance.sip.events import Event, Hop, Transport

_TRIES_FOR_A_FREE_PORT = 8


class SipDriver:
    """Runs an endpoint on real sockets.

    addresses: made before the endpoint, whose ``EndpointConfig.local_address`` is its ``towards``.
    """

    def __init__(
        self,
        endpoint: SipEndpoint,
        on_event: Callable[[Event], None],
        clock: Clock,
        addresses: OwnAddresses,
        limits: StreamLimits | None = None,
    ) -> None:
        self.traffic = SipTraffic(endpoint, on_event, clock, addresses)
        self._addresses = addresses
        self._sockets = self.traffic.sockets
        self._groups: dict[int, GroupEar] = {}  # by port
        self._streams = self.traffic.streams = Streams(self.traffic, clock, limits)
        #: Have the endpoint's new output sent soon; cheap, and may be called from anywhere.
        self.wake = self.traffic.wake

    async def open(self, host: str, port: int) -> int:
        """Listen on UDP and TCP at one literal address; returns the port (0 asks for a free one).

        Call it for each address. Raises UserError ``net.address_in_use`` and the like.
        """
        sock = await self._open_pair(host, port)
        self._sockets.setdefault(sock.family, []).append(sock)
        self._addresses.bound(Transport.UDP, host, sock.port)
        self._addresses.bound(Transport.TCP, host, sock.port)
        sock.start(asyncio.get_running_loop())
        return sock.port

    async def _open_pair(self, host: str, port: int) -> UdpSocket:
        """A datagram socket, with the streams' listener at the same port."""
        for tries_left in reversed(range(1 if port else _TRIES_FOR_A_FREE_PORT)):
            sock = UdpSocket(host, port, self.traffic)
            try:
                await self._streams.listen(host, sock.port)
                return sock
            except BaseException as error:
                sock.close()
                if not (tries_left and isinstance(error, UserError)):
                    raise
        raise UserError("net.cannot_bind", address=host, port=port)

    async def hear_group(self, group: str, port: int, interfaces: Sequence[int]) -> None:
        """Take datagrams to a multicast group of IPv4 at this port, on these interfaces and on no
        others; raises UserError and OSError (group_ear.py)."""
        ear = self._groups.setdefault(port, GroupEar(self.traffic))
        ear.hear(group, port, interfaces, self._sockets.get(family_of(group), ()))

    def leave(self, host: str) -> None:
        """Let go of the sockets at this address; connections that stand are left alone."""
        for sockets in self._sockets.values():
            for sock in [s for s in sockets if s.host == host]:
                sockets.remove(sock)
                sock.close()
                self._addresses.unbound(Transport.UDP, host, sock.port)
                self._addresses.unbound(Transport.TCP, host, sock.port)
        self._streams.leave(host)

    async def close(self) -> None:
        """Send what is left, then let every socket go."""
        self.traffic.close()
        for sockets in self._sockets.values():
            for sock in sockets:
                sock.close()
        self._sockets.clear()
        for ear in self._groups.values():
            ear.close()
        await self._streams.close()

    def guard_streams(self, door: StreamDoor) -> None:
        """Have the room that strangers' streams may take judged by this door (guard/gate.py)."""
        self._streams.room.door = door

    def local_address(self, hop: Hop) -> tuple[str, int]:
        """Our own literal IP and SIP port as this hop sees them."""
        return self._addresses.towards(hop)
