"""What to type into a telephone: server, port, user and password of an extension. Owns nothing."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.model import Extension
from appliance.options import DEFAULT_SIP_PORT
from webui import box
from webui.addresses import name_for_phones


@dataclass(frozen=True, slots=True)
class Sheet:
    """server: with its port unless that is the usual one."""

    server: str
    user: str
    secret: str
    name: str


def of(extension: Extension) -> Sheet:
    """The sheet of an extension, with the server as telephones find it."""
    status, _ = box.try_asking("status")
    port = next((s["port"] for s in (status or {}).get("sip", ())), DEFAULT_SIP_PORT)
    server = name_for_phones(status) + ("" if port == DEFAULT_SIP_PORT else f":{port}")
    return Sheet(server, extension.number, extension.secret, extension.name)
