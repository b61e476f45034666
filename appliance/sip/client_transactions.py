"""Requests of ours: the client transactions, matched by branch and method.

PURE. Owns every live client transaction. RFC 3261 §17.1, §18.1.1 (a request too large for a
datagram goes by TCP, and by UDP after all where there is no TCP), §9.1 (CANCEL keeps the branch).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from appliance.sip.events import UDP, Hop, Outgoing, Transport
from appliance.sip.headers import Headers
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response, format_message
from appliance.sip.timers import Alarm, Lingering, TimerQueue, TimerValues, cancel
from appliance.sip.transaction import Act, Input, Kind, State, step
from appliance.sip.wire import Wire

if TYPE_CHECKING:
    from appliance.sip.dialog import Dialog
    from appliance.sip.session import Session

MAGIC = "z9hG4bK"
LARGEST_UDP_REQUEST = 1300  # RFC 3261 §18.1.1
_TCP_TRIAL_S = 2.0
_WITH_CONTACT = ("INVITE", "UPDATE")
_WAITING = (State.CALLING, State.TRYING)


class ClientUser(Protocol):
    """Who sent a request and hears of it."""

    def on_response(self, client: Client, response: Response, source: Hop, now: float) -> None:
        """A provisional or final response that the transaction lets through."""

    def on_no_response(self, client: Client, is_transport: bool, now: float) -> None:
        """Nothing came in time, or the transport refused."""


@dataclass(slots=True, eq=False)
class Client:
    """A request of ours.

    session, dialog: whose it is; acks: our ACKs to its 2xx by the far end's tag, for repetition.
    """

    kind: Kind
    request: Request
    hop: Hop
    data: bytes
    branch: str
    user: ClientUser
    state: State
    session: Session | None = None
    dialog: Dialog | None = None
    acks: dict[str, Outgoing] = field(default_factory=dict)
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
        self._lingering: Lingering[Client] = Lingering(timers, self._linger_over)

    def __len__(self) -> int:
        return len(self._clients)

    def unanswered(self, method: str) -> int:
        """How many requests by this method wait for their final response."""
        states = (*_WAITING, State.PROCEEDING)
        clients = self._clients.values()
        return sum(client.method == method and client.state in states for client in clients)

    def send(
        self,
        request: Request,
        hop: Hop,
        user: ClientUser,
        now: float,
        session: Session | None = None,
    ) -> Client:
        """Send a request by a fresh transaction; its Via is put on here."""
        client = self._start(request, hop, MAGIC + self._ids.token(64), user, now)
        client.session = session
        return client

    def take_up(self, request: Request, hop: Hop, user: ClientUser, session: Session) -> Client:
        """An INVITE that an earlier run sent: nothing leaves, its branch is heard again."""
        branch = request.via.branch
        client = Client(Kind.INVITE_CLIENT, request, hop, b"", branch, user, State.PROCEEDING)
        client.session = session
        self._clients[branch, request.method] = client
        self._join_hop(client)
        return client

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

    def limit(self, client: Client, now: float) -> None:
        """Wait 64*T1 from now for a final response and not longer (§9.1)."""
        if client.state is State.PROCEEDING:
            cancel(client.timeout)
            self._start_timeout(client, now)

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
        self._step(client, what, now, response, source)
        return True

    def transport_failed(self, hop: Hop, now: float) -> None:
        """The way to this hop is dead: requests that wait there are over, or go by UDP."""
        waiting = self._by_hop.get((hop.transport, hop.host, hop.port), ())
        for client in list(waiting):
            if client.fall_back is not None and client.state in _WAITING:
                self._fall_back(client, now)
            elif client.state is not State.TERMINATED:
                self._step(client, Input.TRANSPORT_ERROR, now)

    def _start(
        self, request: Request, hop: Hop, branch: str, user: ClientUser, now: float
    ) -> Client:
        is_invite = request.method == "INVITE"
        data = self._format(request, hop, branch)
        fall_back: Hop | None = None
        if len(data) > LARGEST_UDP_REQUEST and hop.transport is UDP:
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
        self._join_hop(client)
        self._wire.send(hop, data)
        self._start_timeout(client, now)
        self._arm(client, self._values.t1, now)
        return client

    def _start_timeout(self, client: Client, now: float) -> None:
        """Timers B and F."""
        client.timeout = self._timers.set(
            now + self._values.timeout, lambda at: self._step(client, Input.TIMEOUT, at)
        )

    def _fall_back(self, client: Client, now: float) -> None:
        """TCP was only tried because the request is large: send it as a datagram after all."""
        assert client.fall_back is not None
        cancel(client.retransmission)
        self._leave_hop(client)
        client.hop, client.fall_back = client.fall_back, None
        client.data = self._format(client.request, client.hop, client.branch)
        self._join_hop(client)
        self._wire.send(client.hop, client.data)
        self._arm(client, self._values.t1, now)

    def _format(self, request: Request, hop: Hop, branch: str) -> bytes:
        """Write Via and Contact as this hop knows us, and the octets (§18.1.1)."""
        name = "UDP" if hop.transport is UDP else hop.transport.value
        via = f"SIP/2.0/{name} {self._wire.sent_by(hop)};rport;branch={branch}"
        request.headers.set_only_via(via)
        if request.method in _WITH_CONTACT:
            request.headers.set("Contact", self._wire.contact(hop))
        return format_message(request)

    def _arm(self, client: Client, interval: float, now: float) -> None:
        """Timers A and E; over TCP that was only tried, the end of the trial."""
        if client.fall_back is not None:
            client.retransmission = self._timers.set(
                now + _TCP_TRIAL_S, lambda at: self._trial_over(client, at)
            )
        elif client.hop.transport is UDP:
            client.interval = interval
            client.retransmission = self._timers.set(
                now + interval, lambda at: self._step(client, Input.RETRANSMIT, at)
            )

    def _trial_over(self, client: Client, now: float) -> None:
        if client.fall_back is not None and client.state in _WAITING:
            self._fall_back(client, now)

    def _step(
        self,
        client: Client,
        what: Input,
        now: float,
        response: Response | None = None,
        source: Hop | None = None,
    ) -> None:
        """The one place where the state of a client transaction changes."""
        row = step(client.kind, client.state, what)
        client.state = row.state
        if row.state is State.TERMINATED:
            self._drop(client)
        heard = _Heard(response, source, now)
        for act in row.acts:
            _DO[act](self, client, heard)

    # ---- acts

    def _stop_retransmitting(self, client: Client, heard: _Heard) -> None:
        cancel(client.retransmission)

    def _stop_timeout(self, client: Client, heard: _Heard) -> None:
        cancel(client.timeout)

    def _linger(self, client: Client, heard: _Heard) -> None:
        """Timers D, M and K: absorb what is repeated; a stream repeats nothing."""
        values = self._values
        if client.state is State.ACCEPTED:
            wait = values.timeout
        elif client.hop.transport is not UDP:
            wait = 0.0
        else:
            wait = values.d if client.kind is Kind.INVITE_CLIENT else values.t4
        self._lingering.add(client, wait, heard.now)

    def _linger_over(self, client: Client, now: float) -> None:
        self._step(client, Input.LINGER, now)

    def _send(self, client: Client, heard: _Heard) -> None:
        self._wire.send(client.hop, client.data)

    def _again(self, client: Client, heard: _Heard) -> None:
        longest = self._values.t2
        if client.kind is Kind.INVITE_CLIENT:
            interval = client.interval * 2
        else:
            is_slow = client.state is State.PROCEEDING
            interval = longest if is_slow else min(client.interval * 2, longest)
        self._arm(client, interval, heard.now)

    def _ack_failure(self, client: Client, heard: _Heard) -> None:
        """ACK to a final failure: same branch, To of the response (§17.1.1.3)."""
        assert heard.response is not None
        asked = client.request.headers
        number = (asked.get("CSeq") or "").partition(" ")[0]
        ack = Headers([("Via", asked.get("Via") or "")])
        for value in asked.get_all("Route"):
            ack.add("Route", value)
        ack.add("Max-Forwards", "70")
        ack.add("From", asked.get("From") or "")
        ack.add("To", heard.response.headers.get("To") or "")
        ack.add("Call-ID", asked.get("Call-ID") or "")
        ack.add("CSeq", f"{number} ACK")
        self._wire.send(client.hop, format_message(Request("ACK", client.request.uri, ack)))

    def _pass_up(self, client: Client, heard: _Heard) -> None:
        assert heard.response is not None and heard.source is not None
        client.user.on_response(client, heard.response, heard.source, heard.now)

    def _tell_timeout(self, client: Client, heard: _Heard) -> None:
        client.user.on_no_response(client, False, heard.now)

    def _tell_transport(self, client: Client, heard: _Heard) -> None:
        client.user.on_no_response(client, True, heard.now)

    # ---- tables of clients

    def _drop(self, client: Client) -> None:
        self._clients.pop((client.branch, client.method), None)
        self._leave_hop(client)

    def _join_hop(self, client: Client) -> None:
        hop = client.hop
        self._by_hop.setdefault((hop.transport, hop.host, hop.port), set()).add(client)

    def _leave_hop(self, client: Client) -> None:
        key = (client.hop.transport, client.hop.host, client.hop.port)
        waiting = self._by_hop.get(key)
        if waiting is not None:
            waiting.discard(client)
            if not waiting:
                del self._by_hop[key]


class _Heard:
    """What a step is about: a response, or a timer (None)."""

    __slots__ = ("now", "response", "source")

    def __init__(self, response: Response | None, source: Hop | None, now: float) -> None:
        self.response = response
        self.source = source
        self.now = now


_DO: dict[Act, Callable[[Clients, Client, _Heard], None]] = {
    Act.STOP_RETRANSMITTING: Clients._stop_retransmitting,
    Act.STOP_TIMEOUT: Clients._stop_timeout,
    Act.START_LINGERING: Clients._linger,
    Act.SEND: Clients._send,
    Act.RETRANSMIT_AGAIN: Clients._again,
    Act.SEND_ACK: Clients._ack_failure,
    Act.PASS_UP: Clients._pass_up,
    Act.TELL_TIMEOUT: Clients._tell_timeout,
    Act.TELL_TRANSPORT: Clients._tell_transport,
}
