"""The vocabulary of provisioning: who asks, who that is, what a phone is told, what it is given.

PURE: shapes without behaviour but for small facts. ``identify`` makes an Identity of a Request,
``settings_of`` NeutralSettings of a snapshot, ``render`` a brand's file of both; disclosure.py
says which secrets may be in it. Passwords that may not be told are None: the file leaves their
lines out, so that the phone keeps what it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum


class Transport(Enum):
    """What carries a request."""

    TFTP = "tftp"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question of a device, as it came.

    path: decoded, without query, without the URL secret, with one leading ``/``; source_mac: twelve
    lower-case hexadecimal digits of the neighbour table, or empty; credentials: the Authorization
    header, unjudged; url_secret: what stood before the path as ``/p/<secret>/``, or empty; link:
    the token of ``/s/<token>/`` likewise.
    """

    path: str
    method: str = "GET"
    user_agent: str = ""
    source_host: str = ""
    source_mac: str = ""
    is_tls: bool = False
    transport: Transport = Transport.HTTP
    credentials: str = field(default="", repr=False)
    url_secret: str = field(default="", repr=False)
    link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a device is, as far as its request tells.

    brand: the name of its data table; model: as the brand writes it, or empty; mac: twelve
    lower-case hexadecimal digits, or empty when nothing tells it; reason: a stable key that says by
    what it was told; alarms: keys of what does not fit together.
    """

    brand: str
    model: str = ""
    firmware: str = ""
    mac: str = ""
    reason: str = ""
    alarms: tuple[str, ...] = ()


class AccountTransport(Enum):
    """What carries a phone's SIP."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class DtmfMode(Enum):
    """How a phone sends the digits of a call."""

    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One number of a phone. password None: not to be told now."""

    number: str
    name: str = ""
    label: str = ""
    auth_name: str = ""
    password: str | None = field(default=None, repr=False)
    server: str = ""
    port: int = 5060
    transport: AccountTransport = AccountTransport.UDP
    expires_s: int = 600
    has_message_waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One programmable key; ``position`` from 1. kind: of appliance.config.phone_model.KEY_KINDS.

    account: from 1; pickup_code: what a ``blf`` key dials to take the watched number's call,
    together with the number.
    """

    position: int
    kind: str
    value: str = ""
    label: str = ""
    account: int = 1
    pickup_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBook:
    """A directory that the phone fetches; {brand} formats are served by ``render``.

    url: may hold the phone's own secret; empty: not to be told now.
    """

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class DialRule:
    """One shape of numbers. pattern: digits, ``*``, ``x`` for any digit, ``[2-79]`` for some.

    is_final: complete at once; otherwise more digits may follow, and the phone waits for its timer.
    """

    pattern: str
    is_final: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPlan:
    """What numbers look like in this office, for a phone's own digit map; of dial_plan.py."""

    rules: tuple[DialRule, ...] = ()
    inter_digit_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """Where the phone asks next time, with its own secret; None: not to be told now.

    base_url: ends with ``/``; a brand appends its own file names.
    """

    base_url: str
    username: str = ""
    password: str | None = field(default=None, repr=False)
    interval_minutes: int = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class NeutralSettings:
    """All that a phone is told, before any brand's words.

    language: ``ru`` or ``en``; country: ISO code, for tones; admin_password None: not to be told
    now; vlan 0: untagged; revision: counts up with every saved change; contacts: the office's
    directory as (name, number), for phone book files; is_one_time: nobody asks for them again.
    """

    accounts: tuple[Account, ...] = ()
    codecs: tuple[str, ...] = ("pcma", "pcmu", "g722")
    dtmf: DtmfMode = DtmfMode.RFC4733
    dtmf_payload: int = 101
    timezone: str = "Europe/Moscow"
    ntp_server: str = ""
    language: str = "ru"
    country: str = "RU"
    admin_password: str | None = field(default=None, repr=False)
    keys: tuple[Key, ...] = ()
    phone_books: tuple[PhoneBook, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    voicemail_number: str = ""
    pickup_code: str = ""
    directed_pickup_code: str = ""
    dial_plan: DialPlan = field(default_factory=DialPlan)
    vlan: int = 0
    firmware_url: str = ""
    resync: Resync | None = None
    revision: int = 0
    is_one_time: bool = False

    @property
    def has_secrets(self) -> bool:
        """Whether any password is in it."""
        resync = self.resync.password if self.resync else None
        passwords = (self.admin_password, resync, *(a.password for a in self.accounts))
        return any(password is not None for password in passwords)

    def without_secrets(self) -> NeutralSettings:
        """The same with nothing that a stranger may not read."""
        accounts = tuple(replace(account, password=None) for account in self.accounts)
        books = tuple(replace(book, url="") for book in self.phone_books)
        plain = replace(self, accounts=accounts, phone_books=books)
        return replace(plain, admin_password=None, resync=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A file as the device is given it."""

    path: str
    content_type: str
    body: bytes = field(repr=False)
    has_secrets: bool = False
