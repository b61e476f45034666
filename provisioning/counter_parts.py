"""What the counter is given (the tables, the daemon, a clock), and what it gives.

PURE: shapes; counter.py serves desk phones with them, softphone_counter.py softphones.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.config.model import Snapshot
from provisioning.api import Identity, NeutralSettings, Rendered, Request
from provisioning.disclosure import Verdict
from provisioning.shapes import Brand


class Brands(Protocol):
    """What the brands' tables say (identify.py, render.py). refused: why the file that was asked
    for last cannot be written, or empty."""

    @property
    def refused(self) -> str: ...

    def identify(self, request: Request) -> Identity | None: ...

    def hint(self, request: Request, identity: Identity | None) -> str: ...

    def render(
        self, identity: Identity, settings: NeutralSettings, path: str
    ) -> Rendered | None: ...

    def softphones(self) -> Mapping[str, Brand]: ...

    def needs_tftp(self, identity: Identity) -> bool: ...


class Daemon(Protocol):
    """The daemon's control socket (daemon_link.py)."""

    async def ask(self, op: str, args: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class CounterParts:
    """neighbour: the hardware address behind an IP address; snapshot: of a revision; key: octets
    that nobody else knows, for nonces; now: monotonic seconds, for the throttle and nonces."""

    brands: Brands
    daemon: Daemon
    neighbour: Callable[[str], Awaitable[str]]
    snapshot: Callable[[int | None], Snapshot]
    now: Callable[[], float]
    key: bytes
    trusts_loopback: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the phone gets. verdict: why; rendered: None where there is nothing for it; said: words
    for a refusal, in place of the usual ones; revision: of the settings that it was made from;
    refused: the place of the file, and the key of what cannot stand there."""

    verdict: Verdict
    rendered: Rendered | None = None
    is_stale: bool = False  # the right password with an old nonce
    said: bytes = b""
    revision: int | None = None
    refused: str = ""
