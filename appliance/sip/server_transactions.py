"""Requests that came to us: the server transactions.

PURE. Owns every live server transaction. RFC 3261 §17.2, §18.2.2, RFC 3581 (rport), RFC 6026. Matching
takes the branch together with Call-ID and CSeq, so that phones which reuse a branch, or have none
(RFC 2543), are understood too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from appliance.sip.events import Hop
from appliance.sip.headers import format_via
from appliance.sip.message import Request, Response, format_message
from appliance.sip.timers import Alarm, TimerQueue, TimerValues, cancel
from appliance.sip.transaction import Act, Input, Kind, State, step
from appliance.sip.wire import Wire

Key = tuple[str, str, str, int]
Merge = tuple[str, str, int, str]


@dataclass(slots=True, eq=False)
class Server:
    """A request that came to us. last: what we said last."""

    kind: Kind
    key: Key
    request: Request
    reply_to: Hop
    number: int
    state: State
    last: bytes = b""
    interval: float = 0.0
    retransmission: Alarm | None = None
    timeout: Alarm | None = None

    @property
    def is_open(self) -> bool:
        """True while no final response was given."""
        return self.state in (State.TRYING, State.PROCEEDING)


class Servers:
    """Every server transaction of an endpoint."""

    def __init__(self, wire: Wire, timers: TimerQueue, values: TimerValues) -> None:
        self._wire = wire
        self._timers = timers
        self._values = values
        self._servers: dict[Key, Server] = {}
        self._merges: dict[Merge, Key] = {}
        self._numbers: dict[int, Server] = {}
        self._next_number = 0

    def __len__(self) -> int:
        return len(self._servers)

    def by_number(self, number: int) -> Server | None:
        return self._numbers.get(number)

    def absorb(self, request: Request, now: float) -> bool:
        """True when the request belongs to a transaction that we have: repeated, or its ACK."""
        method = request.method
        if method == "ACK":
            server = self._servers.get(_key(request, "INVITE"))
            if server is None or server.state is State.ACCEPTED:
                return False
            self._step(server, Input.ACK, now)
            return True
        server = self._servers.get(_key(request, method))
        if server is None:
            return False
        self._step(server, Input.REQUEST, now)
        return True

    def cancelled(self, cancel_request: Request) -> Server | None:
        """The INVITE that a CANCEL is about (§9.2)."""
        return self._servers.get(_key(cancel_request, "INVITE"))

    def is_merged(self, request: Request) -> bool:
        """True when the same request came by another way before (§8.2.2.2)."""
        if request.to.tag:
            return False
        other = self._merges.get(_merge(request))
        return other is not None and other != _key(request, request.method)

    def begin(self, request: Request, source: Hop) -> Server:
        """A new transaction for a request that was not absorbed."""
        is_invite = request.method == "INVITE"
        self._next_number += 1
        server = Server(
            kind=Kind.INVITE_SERVER if is_invite else Kind.SERVER,
            key=_key(request, request.method),
            request=request,
            reply_to=reply_hop(request, source),
            number=self._next_number,
            state=State.PROCEEDING if is_invite else State.TRYING,
        )
        self._servers[server.key] = server
        self._numbers[server.number] = server
        if not request.to.tag:
            self._merges[_merge(request)] = server.key
        return server

    def respond(self, server: Server, response: Response, now: float) -> None:
        """Say something; after a final response only a 2xx to INVITE may be repeated."""
        if response.status < 200:
            what = Input.PROVISIONAL
        else:
            what = Input.SUCCESS if response.status < 300 else Input.FAILURE
        self._step(server, what, now, format_message(response))

    def _step(self, server: Server, what: Input, now: float, new: bytes = b"") -> None:
        row = step(server.kind, server.state, what)
        server.state = row.state
        for act in row.acts:
            match act:
                case Act.SEND_NEW:
                    server.last = new
                    self._wire.send(server.reply_to, new)
                case Act.SEND:
                    if server.last:
                        self._wire.send(server.reply_to, server.last)
                case Act.START_RETRANSMITTING:
                    self._arm(server, self._values.t1, now)
                case Act.RETRANSMIT_AGAIN:
                    self._arm(server, min(server.interval * 2, self._values.t2), now)
                case Act.STOP_RETRANSMITTING:
                    cancel(server.retransmission)
                case Act.START_TIMEOUT:
                    wait = now + self._values.timeout
                    server.timeout = self._timers.set(
                        wait, lambda at: self._step(server, Input.TIMEOUT, at)
                    )
                case Act.STOP_TIMEOUT:
                    cancel(server.timeout)
                case Act.START_LINGERING:
                    self._linger(server, now)
                case _:
                    raise AssertionError(act)
        if server.state is State.TERMINATED:
            self._drop(server)

    def _arm(self, server: Server, interval: float, now: float) -> None:
        if not server.reply_to.transport.is_reliable:
            server.interval = interval
            server.retransmission = self._timers.set(
                now + interval, lambda at: self._step(server, Input.RETRANSMIT, at)
            )

    def _linger(self, server: Server, now: float) -> None:
        """Timers I, J and L."""
        if server.state is State.ACCEPTED:
            wait = self._values.timeout
        elif server.reply_to.transport.is_reliable:
            wait = 0.0
        else:
            wait = self._values.t4 if server.kind is Kind.INVITE_SERVER else self._values.timeout
        self._timers.set(now + wait, lambda at: self._step(server, Input.LINGER, at))

    def _drop(self, server: Server) -> None:
        self._servers.pop(server.key, None)
        self._numbers.pop(server.number, None)
        merge = _merge(server.request)
        if self._merges.get(merge) == server.key:
            del self._merges[merge]
        cancel(server.retransmission)


def note_source(request: Request, source: Hop) -> None:
    """Write where a request really came from into its topmost Via (§18.2.1, RFC 3581 §4)."""
    via = request.via
    wants_rport = "rport" in via.params
    if via.host == source.host and not wants_rport:
        return
    params = dict(via.params)
    if via.host != source.host or wants_rport:
        params["received"] = source.host
    if wants_rport:
        params["rport"] = str(source.port)
    first = request.headers.get_all("Via")[0]
    rest = first[_end_of_first(first) :]
    request.headers.replace_first("Via", format_via(replace(via, params=params)) + rest)


def reply_hop(request: Request, source: Hop) -> Hop:
    """Where the responses go (§18.2.2, RFC 3581 §4): the same stream, or the datagram's source.

    Without rport the port is the Via's own; field phones that forget rport behind NAT are only
    reached by the source port, which is therefore taken when the Via's host is not the source's.
    """
    via = request.via
    is_plain = "rport" not in via.params and via.host == source.host
    if source.transport.is_reliable or not is_plain:
        return source
    return replace(source, port=via.port or 5060)


def _end_of_first(line: str) -> int:
    """Where the first of several Vias in a line ends; quotes do not occur in a Via's comma."""
    comma = line.find(",")
    return len(line) if comma < 0 else comma


def _key(request: Request, method: str) -> Key:
    via = request.via
    way = f"{via.branch}|{via.sent_by}|{request.from_.tag}"
    return (way, request.call_id, method, request.cseq.number)


def _merge(request: Request) -> Merge:
    return (request.call_id, request.from_.tag, request.cseq.number, request.method)
