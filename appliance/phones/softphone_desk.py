"""The control requests about softphones (docs/control.md): a page makes a link, provisioning asks
what it is worth and uses it up.

Owns the links. A token leaves to the page that asked for it, and is in no log.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.clock import Clock
from appliance.config.model import Snapshot
from appliance.errors import UserError
from appliance.legs.phone import bracket
from appliance.phones.box_host import host_for_phones
from appliance.phones.softphones import SoftphoneLinks
from appliance.phones.windows import WINDOW_S
from appliance.sip.ids import Ids

if TYPE_CHECKING:  # loaded when a link is asked for
    from provisioning.brand_book import BrandBook
    from provisioning.shapes import Brand

log = logging.getLogger(__name__)
Args = Mapping[str, Any]
Operation = Callable[[Args], Awaitable[dict[str, Any]]]
_TOKEN_BITS = 160


@dataclass(frozen=True, slots=True)
class SoftphoneDeskTools:
    """ports: where provisioning listens, by kind; own_host: our address in the office's network."""

    clock: Clock
    ids: Ids
    snapshot: Callable[[], Snapshot]
    brands: Callable[[], BrandBook]
    ports: Callable[[], Mapping[str, int]]
    own_host: Callable[[], str]
    sip_port: Callable[[], int]


class SoftphoneDesk:
    """``operations`` are the control desk's to call."""

    def __init__(self, tools: SoftphoneDeskTools) -> None:
        self._tools = tools
        self._links = SoftphoneLinks()
        self.operations: Mapping[str, Operation] = {
            "softphones": self._softphones,
            "softphone_link": self._link,
            "softphone_facts": self._facts,
            "softphone_used": self._used,
        }

    # ---- people

    async def _softphones(self, args: Args) -> dict[str, Any]:
        brands = self._tools.brands().softphones()
        return {"apps": [_app(name, brand) for name, brand in brands.items()]}

    async def _link(self, args: Args) -> dict[str, Any]:
        """A new link of an extension for a program; older ones of it serve no more."""
        tools = self._tools
        extension, app = str(args.get("extension", "")), str(args.get("app", ""))
        if extension not in tools.snapshot().document.extension_by_number:
            raise UserError("phone.no_such_extension", extension=extension)
        brand = tools.brands().softphones().get(app)
        if brand is None:
            raise UserError("phone.no_such_app", app=app[:40])
        token = tools.ids.token(_TOKEN_BITS)
        url, code = self._addresses(brand, token, str(args.get("host", "")))
        self._links.make(token, extension, app, tools.clock.now())
        log.info("a link of extension %s for %s (%s)", extension, app, args.get("by", "admin"))
        return {
            "url": url,
            "code": code,
            **_app(app, brand),
            "left_s": round(WINDOW_S),
        }

    def _addresses(self, brand: Brand, token: str, host: str) -> tuple[str, str]:
        """(the URL of the file, what the QR code holds). host: by which the page was opened."""
        from provisioning.api import Identity
        from provisioning.brand_book import named
        from provisioning.shapes import FileRole

        ports, form, file = self._tools.ports(), brand.softphone, brand.file(FileRole.DEVICE)
        assert form is not None and file is not None
        kind = "tls" if "{https}" in form.link else "http"
        if not ports.get(kind):
            raise UserError("phone.no_server")
        place = bracket(host_for_phones(host, self._tools.own_host()))
        path = f"/s/{token}/{named(file, Identity(brand=brand.name))}"
        where = f"{place}:{ports[kind]}{path}"
        scheme = "https" if kind == "tls" else "http"
        code = form.link.replace("{https}", where).replace("{http}", where)
        return f"{scheme}://{where}", code

    # ---- provisioning

    async def _facts(self, args: Args) -> dict[str, Any]:
        tools = self._tools
        state, link = self._links.state(str(args.get("token", "")), tools.clock.now())
        return {
            "state": state.value,
            "app": link.app if link else "",
            "extension": link.extension if link else "",
            "revision": tools.snapshot().revision,
            "sip_port": tools.sip_port(),
        }

    async def _used(self, args: Args) -> dict[str, Any]:
        now = self._tools.clock.now()
        return {"is_first": self._links.use(str(args.get("token", "")), now)}


def _app(name: str, brand: Brand) -> dict[str, Any]:
    """A program, for people."""
    by_browser = brand.softphone is not None and brand.softphone.by_browser
    return {"name": name, "title": brand.title, "by_browser": by_browser}
