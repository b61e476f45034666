"""Requests of ours: the client transactions, matched by branch and method.

PURE. Owns every live client transaction. RFC 3261 §17.1, §18.1.1 (a request too large for a datagram
goes by TCP, and by UDP after all where there is no TCP), §9.1 (CANCEL keeps the branch).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from appliance.sip.events import Hop, Outgoing, Transport
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response, format_message
from appliance.sip.timers import Alarm, TimerQueue, TimerValues, cancel
from appliance.sip.transaction import Act, Input, Kind, State, step
from appliance.sip.wire import Wire

MAGIC = "z9hG4bK"
LARGEST_UDP_REQUEST = 1300  # RFC 3261 §18.1.1
_TCP_TRIAL_S = 2.0
_WITH_CONTACT = ("INVITE", "UPDATE")


class ClientUser(Protocol):
    """Who sent a request and hears of it."""

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        """A provisional or final response that the transaction lets through."""

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        """Nothing came in time, or the transport refused."""


@dataclass(slots=True, eq=False)
class Client:
    """A request of ours."""

    kind: Kind
    request: Request
    hop: Hop
    data: bytes
    branch: str
    user: ClientUser
    state: State
    interval: float = 0.0
    retransmission: Alarm | None = None
    timeout: Alarm | None = None
    fall_back: Hop | None = None  # UDP, where TCP was only tried for size

    @property
    def method(self) -> str:
        return self.request.method


class Clients:
    """Every client transaction of an endpoint."""

    def __init__(self, wire: Wire, timers: TimerQueue, values: TimerValues, ids: Ids) -> None:
        self._wire = wire
        self._timers = timers
        self._values = values
        self._ids = ids
        self._clients: dict[tuple[str, str], Client] = {}
        self._by_hop: dict[tuple[Transport, str, int], set[Client]] = {}

    def __len__(self) -> int:
        return len(self._clients)

    def send(self, request: Request, hop: Hop, user: ClientUser, now: float) -> Client:
        """Send a request by a fresh transaction; its Via is put on here."""
        branch = MAGIC + self._ids.token(64)
        return self._start(request, hop, branch, user, now)

    def send_cancel(self, request: Request, of: Client, user: ClientUser, now: float) -> None:
        """Send a CANCEL: same branch and hop as the request that it cancels (§9.1)."""
        self._start(request, of.hop, of.branch, user, now)

    def send_ack(self, request: Request, hop: Hop) -> Outgoing:
        """Send an ACK to a 2xx, which is no transaction (§13.2.2.4); returned for repetition."""
        data = self._format(request, hop, MAGIC + self._ids.token(64))
        self._wire.send(hop, data)
        return Outgoing(hop, data)

    def send_stateless(self, response: Response, hop: Hop) -> None:
        """Answer a request that deserves no transaction."""
        self._wire.send(hop, format_message(response))

    def is_own(self, request: Request) -> bool:
        """True when a request of ours came back to us (a loop, §16.3)."""
        method = request.method
        return any((via.branch, method) in self._clients for via in request.vias)

    def on_response(self, response: Response, source: Hop, now: float) -> bool:
        """Hand a response to its transaction; False when it has none."""
        client = self._clients.get((response.via.branch, response.cseq.method))
        if client is None:
            return False
        if response.status < 200:
            what = Input.PROVISIONAL
        else:
            what = Input.SUCCESS if response.status < 300 else Input.FAILURE
        self._step_client(client, what, now, response, source)
        return True

    def transport_failed(self, hop: Hop, now: float) -> None:
        """The way to this hop is dead: requests that wait there are over, or go by UDP."""
        waiting = self._by_hop.get((hop.transport, hop.host, hop.port), ())
        for client in list(waiting):
            if client.fall_back is not None and client.state in (State.CALLING, State.TRYING):
                self._fall_back(client, now)
            else:
                self._step_client(client, Input.TRANSPORT_ERROR, now)

    def _start(
        self, request: Request, hop: Hop, branch: str, user: ClientUser, now: float
    ) -> Client:
        is_invite = request.method == "INVITE"
        data = self._format(request, hop, branch)
        fall_back: Hop | None = None
        if len(data) > LARGEST_UDP_REQUEST and hop.transport is Transport.UDP:
            fall_back, hop = hop, replace(hop, transport=Transport.TCP)
            data = self._format(request, hop, branch)
        client = Client(
            kind=Kind.INVITE_CLIENT if is_invite else Kind.CLIENT,
            request=request,
            hop=hop,
            data=data,
            branch=branch,
            user=user,
            state=State.CALLING if is_invite else State.TRYING,
            fall_back=fall_back,
        )
        self._clients[branch, request.method] = client
        self._by_hop.setdefault((hop.transport, hop.host, hop.port), set()).add(client)
        self._wire.send(hop, data)
        client.timeout = self._timers.set(
            now + self._values.timeout, lambda at: self._step_client(client, Input.TIMEOUT, at)
        )
        self._arm_client(client, self._values.t1, now)
        return client

    def _fall_back(self, client: Client, now: float) -> None:
        """TCP was only tried because the request is large: send it as a datagram after all."""
        assert client.fall_back is not None
        self._leave_hop(client)
        hop, client.fall_back = client.fall_back, None
        client.hop = hop
        client.data = self._format(client.request, hop, client.branch)
        self._by_hop.setdefault((hop.transport, hop.host, hop.port), set()).add(client)
        self._wire.send(hop, client.data)
        self._arm_client(client, self._values.t1, now)

    def _format(self, request: Request, hop: Hop, branch: str) -> bytes:
        via = f"SIP/2.0/{hop.transport.value} {self._wire.sent_by(hop)};rport;branch={branch}"
        request.headers.remove("Via")
        request.headers.prepend("Via", via)
        if request.method in _WITH_CONTACT:
            request.headers.set("Contact", self._wire.contact(hop))
        return format_message(request)

    def _arm_client(self, client: Client, interval: float, now: float) -> None:
        if client.fall_back is not None:
            client.retransmission = self._timers.set(
                now + _TCP_TRIAL_S, lambda at: self._trial_over(client, at)
            )
        elif not client.hop.transport.is_reliable:
            client.interval = interval
            client.retransmission = self._timers.set(
                now + interval, lambda at: self._step_client(client, Input.RETRANSMIT, at)
            )

    def _trial_over(self, client: Client, now: float) -> None:
        if client.fall_back is not None and client.state in (State.CALLING, State.TRYING):
            self._fall_back(client, now)

    def _step_client(
        self,
        client: Client,
        what: Input,
        now: float,
        response: Response | None = None,
        source: Hop | None = None,
    ) -> None:
        row = step(client.kind, client.state, what)
        client.state = row.state
        for act in row.acts:
            match act:
                case Act.STOP_RETRANSMITTING:
                    cancel(client.retransmission)
                case Act.STOP_TIMEOUT:
                    cancel(client.timeout)
                case Act.START_LINGERING:
                    self._linger(client, now)
                case Act.SEND:
                    self._wire.send(client.hop, client.data)
                case Act.RETRANSMIT_AGAIN:
                    self._again(client, now)
                case Act.SEND_ACK:
                    assert response is not None
                    self._ack_failure(client, response)
                case Act.PASS_UP:
                    assert response is not None and source is not None
                    client.user.on_response(client, response, source, now)
                case Act.TELL_TIMEOUT:
                    client.user.on_no_response(client, False, now)
                case Act.TELL_TRANSPORT:
                    client.user.on_no_response(client, True, now)
                case _:
                    raise AssertionError(act)
        if client.state is State.TERMINATED:
            self._drop(client)

    # ---- acts

    def _linger(self, client: Client, now: float) -> None:
        """Timers D, M and K: absorb what is repeated; a stream repeats nothing."""
        values = self._values
        if client.state is State.ACCEPTED:
            wait = values.timeout
        elif client.hop.transport.is_reliable:
            wait = 0.0
        else:
            wait = values.d if client.kind is Kind.INVITE_CLIENT else values.t4
        self._timers.set(now + wait, lambda at: self._step_client(client, Input.LINGER, at))

    def _again(self, client: Client, now: float) -> None:
        longest = self._values.t2
        if client.kind is Kind.INVITE_CLIENT:
            interval = client.interval * 2
        else:
            is_slow = client.state is State.PROCEEDING
            interval = longest if is_slow else min(client.interval * 2, longest)
        self._arm_client(client, interval, now)

    def _ack_failure(self, client: Client, response: Response) -> None:
        """ACK to a final failure: same branch, To of the response (§17.1.1.3)."""
        request = client.request
        ack = Request("ACK", request.uri)
        ack.headers.add("Via", request.headers.get("Via") or "")
        for value in request.headers.get_all("Route"):
            ack.headers.add("Route", value)
        ack.headers.add("Max-Forwards", "70")
        ack.headers.add("From", request.headers.get("From") or "")
        ack.headers.add("To", response.headers.get("To") or "")
        ack.headers.add("Call-ID", request.call_id)
        ack.headers.add("CSeq", f"{request.cseq.number} ACK")
        self._wire.send(client.hop, format_message(ack))

    def _drop(self, client: Client) -> None:
        self._clients.pop((client.branch, client.method), None)
        self._leave_hop(client)
        cancel(client.timeout)
        cancel(client.retransmission)

    def _leave_hop(self, client: Client) -> None:
        key = (client.hop.transport, client.hop.host, client.hop.port)
        waiting = self._by_hop.get(key)
        if waiting is not None:
            waiting.discard(client)
            if not waiting:
                del self._by_hop[key]
