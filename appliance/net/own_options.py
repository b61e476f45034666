"""One OPTIONS from ourselves to ourselves, through the kernel, as a stranger would send it.

Owns a socket for the length of a question. It knows nothing of our SIP core on purpose: whatever
in it is stuck (socket, pump, endpoint, front desk), the answer does not come. RFC 3261 §11, sent
again as §17.1.2.2 says, because a flood may push a datagram out of the queue.
"""

from __future__ import annotations

import asyncio
import errno
import secrets

from appliance.net.socket_options import family_of

_FIRST_WAIT_S = 0.5  # T1


class OptionsUnanswered(Exception):
    """No answer; the text says why, when the system said."""


class AddressMissing(OptionsUnanswered):
    """This machine has no such address now, so nobody could be asked there."""


class _Ear(asyncio.DatagramProtocol):
    """Waits for the answer to one Call-ID."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id.encode()
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, address: object) -> None:
        if data.startswith(b"SIP/2.0 ") and self._call_id in data and not self.answered.done():
            self.answered.set_result(None)


class OwnOptions:
    """``ask`` puts the question. ``recognises`` tells it from anybody else's by a token that only
    we know, so that a flood which fills the budgets of strangers does not make us look dead."""

    def __init__(self) -> None:
        self._open: set[bytes] = set()

    def recognises(self, data: bytes) -> bool:
        """Whether this datagram is a question of ours that still waits for its answer."""
        return any(token in data for token in self._open)

    async def ask(self, host: str, port: int, within_s: float) -> None:
        """Return when our socket at this literal address has answered; raises OptionsUnanswered,
        AddressMissing where the machine has no such address."""
        token = secrets.token_hex(12)
        self._open.add(token.encode())
        try:
            await _ask(host, port, within_s, token)
        finally:
            self._open.discard(token.encode())


async def _ask(host: str, port: int, within_s: float, token: str) -> None:
    loop = asyncio.get_running_loop()
    try:
        transport, ear = await loop.create_datagram_endpoint(
            lambda: _Ear(token), local_addr=(host, 0)
        )
    except OSError as error:
        is_missing = error.errno == errno.EADDRNOTAVAIL
        kind = AddressMissing if is_missing else OptionsUnanswered
        raise kind(error.strerror or str(error)) from error
    own_port = transport.get_extra_info("sockname")[1]
    try:
        async with asyncio.timeout(within_s):
            wait_s = _FIRST_WAIT_S
            while not ear.answered.done():
                transport.sendto(_options(host, port, own_port, token), (host, port))
                await asyncio.wait([ear.answered], timeout=wait_s)
                wait_s *= 2
    except TimeoutError as error:
        raise OptionsUnanswered(f"no answer within {within_s:g} s") from error
    finally:
        transport.close()


def _options(host: str, port: int, own_port: int, token: str) -> bytes:
    shown = f"[{host}]" if family_of(host).name == "AF_INET6" else host
    lines = (
        f"OPTIONS sip:{shown}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {shown}:{own_port};branch=z9hG4bK{token};rport",
        "Max-Forwards: 1",
        f"From: <sip:self-check@{shown}>;tag={token[:8]}",
        f"To: <sip:{shown}:{port}>",
        f"Call-ID: {token}@self",
        "CSeq: 1 OPTIONS",
        "User-Agent: Dozvon self-check",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()
