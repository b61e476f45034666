"""The desk phones that the box sets up, and how it does: entities of the configuration.

PURE. A part of model.py's document in a file of its own. What a phone is told of it all is put
together by provisioning/settings.py; secrets of phones are not here but in ``state.db``.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.spec import spec

#: What a key of a phone may do; ``none`` leaves the place free.
KEY_KINDS = ("none", "line", "blf", "speed_dial", "park", "dtmf", "pickup", "voicemail", "url")
#: Kinds that do nothing without a value; of voicemail the number that is dialled for it.
KEYS_WITH_VALUE = frozenset({"blf", "speed_dial", "park", "dtmf", "url", "voicemail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """How phones are set up; there is exactly one."""

    is_enabled: bool = spec("flag", default=True)
    tftp: str = spec("choice", default="needed", choices=("needed", "all", "off"))
    gives_guests: bool = spec("flag", default=True)  # an unclaimed phone may call the claim menu
    opens_by_key: bool = spec("flag", default=False)  # a key on a new phone opens its window
    takes_old_tls: bool = spec("flag", default=False)  # TLS 1.0 on a port of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneKey:
    """One programmable key; its place is its place in the list."""

    kind: str = spec("choice", default="none", choices=KEY_KINDS)
    value: str = spec("text", default="", longest=128)
    label: str = spec("name", default="", longest=32)
    account: int = spec("count", default=1, low=1, high=32)  # which of the phone's numbers it uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A desk phone that the box sets up, known by its hardware address."""

    mac: str = spec("mac")  # twelve hexadecimal digits, lower case, no separators
    label: str = spec("name", default="")
    brand: str = spec("text", default="", longest=32)  # a hint; what the phone says of itself holds
    model: str = spec("text", default="", longest=64)
    extensions: tuple[str, ...] = spec("number", default=(), refers="extensions")
    language: str = spec("choice", default="", choices=("ru", "en"))  # empty = the site's
    transport: str = spec("choice", default="udp", choices=("udp", "tcp"))
    vlan: int = spec("count", default=0, low=0, high=4094)  # 0 = untagged
    firmware_url: str = spec("url", default="", longest=255)
    keys: tuple[PhoneKey, ...] = spec("phone_key", default=())
    is_enabled: bool = spec("flag", default=True)
