"""The control requests about desk phones (docs/control.md): provisioning asks, pages and the
command line command.

Owns nothing but what provisioning last said of its listeners. Results are plain data; secrets leave
by ``phone_facts`` (to provisioning) and ``phone_login`` (to an admin's page) alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from appliance.clock import Clock
from appliance.config.model import Snapshot
from appliance.errors import UserError
from appliance.phones.claiming import Claiming
from appliance.phones.devices import Devices
from appliance.phones.guest_phones import GuestPhones
from appliance.phones.resync import Resync
from appliance.phones.shown import Shown
from appliance.phones.standing import PhoneStandings
from appliance.store.phones import PhoneStore

log = logging.getLogger(__name__)
Args = Mapping[str, Any]
Operation = Callable[[Args], Awaitable[dict[str, Any]]]
_MAC = re.compile(r"[0-9a-f]{12}", re.ASCII)
_MOST_REQUESTS = 500
SILENT_S = 15.0  # provisioning tells every five seconds that it lives


@dataclass(frozen=True, slots=True)
class PhoneDeskTools:
    """sip_port: where phones register; scan: neighbours that may be phones; raise_alert: (key,
    detail); brand_title: a brand as it calls itself."""

    clock: Clock
    snapshot: Callable[[], Snapshot]
    devices: Devices
    guests: GuestPhones
    standings: PhoneStandings
    claiming: Claiming
    resync: Resync
    shown: Shown
    store: PhoneStore
    sip_port: Callable[[], int]
    scan: Callable[[], Awaitable[list[dict[str, Any]]]]
    raise_alert: Callable[[str, str], None]
    brand_title: Callable[[str], str]


class PhoneDesk:
    """``operations`` are the control desk's to call."""

    def __init__(self, tools: PhoneDeskTools) -> None:
        self._tools = tools
        self._ports: dict[str, int] = {}
        self._heard_at = -SILENT_S
        self.operations: Mapping[str, Operation] = {
            "phone_server": self._server,
            "phone_facts": self._facts,
            "phone_asked": self._asked,
            "phones": self._phones,
            "phone_requests": self._requests,
            "phone_window": self._window,
            "phone_login": self._login,
            "phone_claim": self._claim,
            "phone_resync": self._resync,
            "phone_renew": self._renew,
            "phone_forget": self._forget,
            "phone_files": self._files,
            "phone_sheet": self._sheet,
            "claim_code": self._code,
            "phone_scan": self._scan,
        }

    def ports(self) -> Mapping[str, int]:
        """Where provisioning listens, by kind; nothing when it does not live."""
        is_alive = self._tools.clock.now() - self._heard_at < SILENT_S
        return self._ports if is_alive else {}

    # ---- provisioning

    async def _server(self, args: Args) -> dict[str, Any]:
        ports = args.get("ports", {})
        self._ports = {str(kind): int(port) for kind, port in dict(ports).items()}
        self._heard_at = self._tools.clock.now()
        return {"revision": self._tools.snapshot().revision}

    async def _facts(self, args: Args) -> dict[str, Any]:
        tools = self._tools
        mac = _mac(args)
        snapshot = tools.snapshot()
        phone = snapshot.document.phone_by_mac.get(mac)
        device = tools.devices.introduce(args, is_configured=phone is not None)
        guest = None
        if tools.guests.is_guest(mac) and mac == args.get("seen_mac"):
            guest = {"number": device.guest_number, "password": device.guest_password}
        return {
            "revision": snapshot.revision,
            "sip_port": tools.sip_port(),
            "has_window": tools.devices.windows.is_open(mac, tools.clock.now()),
            "is_delivered": device.is_delivered,
            "has_spoken_http": device.has_spoken_http,
            "secret": device.secret,
            "admin_password": device.admin_password,
            "guest": guest,
        }

    async def _asked(self, args: Args) -> dict[str, Any]:
        tools = self._tools
        device = tools.devices.told(args)
        host = str(args.get("host", ""))
        if args.get("is_throttled"):
            tools.raise_alert("phones_enumerated", host)
        if args.get("verdict") == "mismatch":
            tools.raise_alert("phone_mismatch", f"{host} {args.get('seen_mac')} {args.get('mac')}")
        if args.get("verdict") == "unwritable":
            who = args.get("mac") or host
            tools.raise_alert("phone_unwritable", f"{who} {args.get('path')} {args.get('refused')}")
        revision = tools.snapshot().revision
        is_newest = args.get("revision") == revision  # else it was saved while the phone fetched
        if device is not None and is_newest and args.get("verdict") in ("full", "plain"):
            tools.devices.keep(replace(device, revision=revision))
            if args.get("has_secrets"):
                tools.resync.fetched(device.mac)
        return {}

    # ---- people

    async def _phones(self, args: Args) -> dict[str, Any]:
        return {"phones": self._tools.standings.rows(), "ports": dict(self.ports())}

    async def _requests(self, args: Args) -> dict[str, Any]:
        limit = min(int(args.get("limit", 100)), _MOST_REQUESTS)
        mac = _mac(args) if args.get("mac") else ""
        rows = await self._tools.store.requests(mac, limit)
        title = self._tools.brand_title
        return {"requests": [{**row, "brand_title": title(str(row["brand"]))} for row in rows]}

    async def _window(self, args: Args) -> dict[str, Any]:
        tools = self._tools
        mac = _mac(args)
        if not args.get("is_open", True):
            return {"closed": tools.devices.windows.close(mac)}
        phone = tools.snapshot().document.phone_by_mac.get(mac)
        if phone is None or not phone.extensions:
            raise UserError("phone.not_configured", mac=mac)
        tools.devices.introduce({"mac": mac}, is_configured=True)
        tools.devices.windows.open(mac, tools.clock.now())
        log.info("the window of phone %s was opened (%s)", mac, args.get("by", "admin"))
        tools.resync.ask(mac)
        return {"left_s": round(tools.devices.windows.left_s(mac, tools.clock.now()))}

    async def _login(self, args: Args) -> dict[str, Any]:
        mac = _mac(args)
        device = self._tools.devices.get(mac)
        if device is None:
            raise UserError("phone.unknown", mac=mac)
        return {"password": device.admin_password, "is_delivered": device.is_delivered}

    async def _claim(self, args: Args) -> dict[str, Any]:
        mac, extension = _mac(args), str(args.get("extension", ""))
        revision = await self._tools.claiming.give(mac, extension, str(args.get("by", "admin")))
        return {"applied": revision}

    async def _code(self, args: Args) -> dict[str, Any]:
        code = self._tools.claiming.code_of(str(args.get("extension", "")))
        return {"code": code.code, "expires_at": code.expires_at}

    async def _resync(self, args: Args) -> dict[str, Any]:
        mac = _mac(args)
        if self._tools.devices.get(mac) is None:
            raise UserError("phone.unknown", mac=mac)
        self._tools.resync.ask(mac)
        return {}

    async def _renew(self, args: Args) -> dict[str, Any]:
        self._tools.devices.renew(_mac(args))
        return {}

    async def _scan(self, args: Args) -> dict[str, Any]:
        """Neighbours whose maker makes phones, and whether each has asked for its settings."""
        found = await self._tools.scan()
        devices = self._tools.devices
        return {
            "found": [{**row, "has_asked": devices.get(row["mac"]) is not None} for row in found]
        }

    async def _forget(self, args: Args) -> dict[str, Any]:
        return {"forgotten": self._tools.devices.forget(_mac(args))}

    async def _files(self, args: Args) -> dict[str, Any]:
        return {"files": self._tools.shown.files(_mac(args))}

    async def _sheet(self, args: Args) -> dict[str, Any]:
        extension, host = str(args.get("extension", "")), str(args.get("host", ""))
        return {"rows": self._tools.shown.sheet(extension, host)}


def _mac(args: Args) -> str:
    """The hardware address of a request, however it is written; UserError ``phone.bad_mac``."""
    text = str(args.get("mac", ""))
    mac = re.sub(r"[:. -]", "", text).lower()
    if not _MAC.fullmatch(mac):
        raise UserError("phone.bad_mac", value=text[:40])
    return mac
