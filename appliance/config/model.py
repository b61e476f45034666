"""The typed entities of the configuration: one definition each.

PURE. Every entity is a frozen dataclass; a field's metadata (made by ``spec``) says how it is
checked, shown and kept; it serves validation, storage, YAML, web forms, REST API and backup alike.
A Snapshot is one consistent revision of all of them: a call keeps the one that it started with.
Checks live in validate.py, texts in texts.py, storage in store.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from appliance.config.line_model import Line, LineKind
from appliance.config.number_form import NumberForm
from appliance.config.phone_model import Phone, PhoneKey, Provisioning
from appliance.config.spec import spec

__all__ = [
    "COLLECTIONS",
    "SINGLES",
    "VOICEMAIL",
    "Authentication",
    "CallerIdHeader",
    "ClassOfService",
    "DestinationKind",
    "DialProfile",
    "DialRule",
    "Did",
    "Document",
    "Extension",
    "Line",
    "LineKind",
    "NumberForm",
    "NumberingPlan",
    "Phone",
    "PhoneKey",
    "Provisioning",
    "Replacement",
    "Site",
    "Snapshot",
    "Trunk",
    "spec",
]


class DestinationKind(Enum):
    """What a dialled number is to the office; classes of service and rules speak in these."""

    INTERNAL = "internal"
    EMERGENCY = "emergency"
    FEATURE = "feature"
    LOCAL = "local"
    NATIONAL = "national"
    MOBILE = "mobile"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    INTERNATIONAL = "international"


class Authentication(Enum):
    REGISTRATION = "registration"
    ADDRESS = "address"


class CallerIdHeader(Enum):
    """Which header carries the caller's number to a trunk (RFC 3325)."""

    FROM = "from"
    PAI = "pai"
    PPI = "ppi"
    RPID = "rpid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The office itself; there is exactly one."""

    name: str = spec("name", default="Dozvon")
    language: str = spec("choice", default="ru", choices=("ru", "en"))
    country: str = spec("choice", default="RU", choices=("RU", "US"))
    timezone: str = spec("timezone", default="Europe/Moscow")
    default_extension: str = spec(
        "number", default="", refers="extensions"
    )  # unknown DID rings here
    ring_time_s: int = spec("seconds", default=60, low=5, high=600)
    sip_realm: str = spec("text", default="dozvon", longest=64, forbids='"\\')
    local_networks: tuple[str, ...] = spec(
        "cidr",
        default=(
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
    external_address: str = spec("host", default="")  # our public address, if NAT stands before us
    session_expires_s: int = spec("seconds", default=1800, low=90, high=86400)  # RFC 4028
    media_timeout_s: int = spec("seconds", default=60, low=10, high=3600)  # no RTP both ways
    registration_min_s: int = spec("seconds", default=60, low=10, high=3600)
    registration_max_s: int = spec("seconds", default=3600, low=60, high=86400)
    qualify_s: int = spec("seconds", default=60, low=5, high=3600)
    max_paid_calls_per_hour: int = spec("count", default=500, low=0, high=100000)  # 0 = no limit
    end_warning_s: int = spec("seconds", default=60, low=0, high=600)  # 0 = no tone


@dataclass(frozen=True, slots=True, kw_only=True)
class DialProfile:
    """How this office dials (requirements K1, K5); there is exactly one.

    outside_prefix: ``9``, ``0`` or empty; local_length: digits of a number inside the city.
    The country's numbering plan (trunk prefix, international prefix, mobile ranges, emergency
    numbers) is a data file of presets/numbering/.
    """

    name: str = spec("choice", default="none", choices=("P9", "P0", "none", "custom"))
    outside_prefix: str = spec("prefix", default="", longest=2, digits_only=True)
    area_code: str = spec("prefix", default="495", longest=6, digits_only=True)
    local_length: int = spec("count", default=7, low=5, high=8)
    inter_digit_s: float = spec("seconds", default=4.0, low=1, high=15)
    pickup_code: str = spec("prefix", default="0", longest=4, may_be_empty=True)
    echo_code: str = spec("prefix", default="*43", longest=4, may_be_empty=True)
    directed_pickup_code: str = spec("prefix", default="*8", longest=4, may_be_empty=True)
    address_code: str = spec("prefix", default="*00", longest=4, may_be_empty=True)
    forward_always_code: str = spec("prefix", default="*72", longest=4, may_be_empty=True)
    forward_end_code: str = spec("prefix", default="*73", longest=4, may_be_empty=True)
    forward_busy_code: str = spec("prefix", default="*90", longest=4, may_be_empty=True)
    forward_busy_end_code: str = spec("prefix", default="*91", longest=4, may_be_empty=True)
    forward_no_answer_code: str = spec("prefix", default="*92", longest=4, may_be_empty=True)
    forward_no_answer_end_code: str = spec("prefix", default="*93", longest=4, may_be_empty=True)
    forward_offline_code: str = spec("prefix", default="*94", longest=4, may_be_empty=True)
    forward_offline_end_code: str = spec("prefix", default="*95", longest=4, may_be_empty=True)
    voicemail_code: str = spec("prefix", default="*97", longest=4, may_be_empty=True)
    replacements: tuple[Replacement, ...] = spec("replacement", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A custom profile's rewriting step: digits dialled that start with ``prefix`` (and have
    ``length`` digits, 0 = any) are read as ``instead`` + the rest, before the numbering plan."""

    prefix: str = spec("prefix", longest=16)
    length: int = spec("count", default=0, low=0, high=32)
    instead: str = spec("prefix", default="", longest=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOfService:
    """What an extension may dial, and how much of it.

    countries: ISO codes or +prefixes opened for INTERNATIONAL. The limits hold for calls to numbers
    that cost money (routing/limits.py), for each extension of the class; 0 = no limit.
    """

    name: str = spec("name", in_path=True)
    allows: tuple[DestinationKind, ...] = spec("choice")
    countries: tuple[str, ...] = spec("text", default=())  # "*": every country, no global service
    max_paid_calls: int = spec("count", default=3, low=0, high=100)  # at the same time
    max_paid_calls_per_hour: int = spec("count", default=60, low=0, high=10000)
    max_paid_minutes_per_day: int = spec("count", default=240, low=0, high=100000)
    max_call_minutes: int = spec("count", default=120, low=0, high=1440)


#: A target of forwarding: the mailbox of the extension itself.
VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A number of the office with its phones."""

    number: str = spec("number", longest=8)
    name: str = spec("name", default="")
    secret: str = spec("secret", longest=128)
    class_of_service: str = spec("name", default="national", refers="classes")
    caller_id: str = spec("did", default="")  # number shown outside; empty = the trunk's
    pickup_group: str = spec("name", default="")
    max_calls: int = spec("count", default=4, low=1, high=100)
    max_paid_calls: int = spec("count", default=0, low=0, high=100)  # 0 = the class's, all four
    max_paid_calls_per_hour: int = spec("count", default=0, low=0, high=10000)
    max_paid_minutes_per_day: int = spec("count", default=0, low=0, high=100000)
    max_call_minutes: int = spec("count", default=0, low=0, high=1440)
    max_bindings: int = spec("count", default=5, low=1, high=50)
    ring_time_s: int = spec("seconds", default=0, low=0, high=600)  # 0 = the site's
    forward_always: str = spec("target", default="")  # an extension, +E.164 or VOICEMAIL, all four
    forward_busy: str = spec("target", default="")
    forward_no_answer: str = spec("target", default="")
    forward_offline: str = spec("target", default="")
    forward_no_answer_s: int = spec("seconds", default=20, low=5, high=180)
    voicemail: bool = spec("flag", default=False)
    voicemail_after_s: int = spec("seconds", default=25, low=5, high=180)
    voicemail_pin: str = spec("secret", default="", longest=8)  # empty = its own phones need none
    is_enabled: bool = spec("flag", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A way out to a provider over SIP."""

    name: str = spec("name", in_path=True)
    preset: str = spec("name", default="")
    host: str = spec("host")
    port: int = spec("port", default=0)  # 0 = RFC 3263 decides (SRV, then 5060)
    transport: str = spec("choice", default="udp", choices=("udp", "tcp"))
    outbound_proxy: str = spec("host", default="", port_allowed=True)  # host[:port]
    domain: str = spec("host", default="")  # empty = host
    authentication: Authentication = spec(  # noqa: RUF009
        "choice", default=Authentication.REGISTRATION
    )
    username: str = spec("text", default="", longest=128, forbids='"\\<> ')
    auth_username: str = spec("text", default="", longest=128, forbids='"\\')  # empty = username
    secret: str = spec("secret", default="", longest=128)
    realm: str = spec(
        "text", default="", longest=128, forbids='"\\'
    )  # empty = the realm first learned is not checked
    source_addresses: tuple[str, ...] = spec("cidr", default=())
    number_form: NumberForm = spec(  # noqa: RUF009
        "choice", default=NumberForm.PLUS_E164
    )
    caller_id: str = spec("did", default="")
    caller_id_header: CallerIdHeader = spec(  # noqa: RUF009
        "choice", default=CallerIdHeader.FROM
    )
    did_from: str = spec("choice", default="request_uri", choices=("request_uri", "to"))
    max_calls: int = spec("count", default=10, low=1, high=1000)
    registration_expires_s: int = spec("seconds", default=600, low=60, high=86400)
    qualify_s: int = spec("seconds", default=30, low=0, high=3600)  # 0 = do not ask
    no_answer_s: float = spec("seconds", default=4.0, low=1, high=30)  # silence that gives it up
    leave_on: tuple[int, ...] = spec(
        "status", default=(401, 403, 407, 408, 480, 488, 500, 501, 502, 503, 504, 513, 580, 600)
    )
    is_enabled: bool = spec("flag", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRule:
    """Which ways out serve which numbers, in order; prefix: E.164 digits (``7495``), or empty."""

    name: str = spec("name", in_path=True)
    kinds: tuple[DestinationKind, ...] = spec("choice", at_least=1)
    prefix: str = spec("prefix", default="", longest=16, digits_only=True)
    ways: tuple[str, ...] = spec("name", refers="trunks lines", at_least=1)
    is_enabled: bool = spec("flag", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number of the office outside (E.164 digits with +), and what it rings."""

    number: str = spec("did")
    trunk: str = spec("name", refers="trunks lines")
    extension: str = spec("number", refers="extensions")
    is_enabled: bool = spec("flag", default=True)


#: Collections of a document, in the order of export: attribute -> (entity, key field).
COLLECTIONS: Mapping[str, tuple[type, str]] = {
    "classes": (ClassOfService, "name"),
    "extensions": (Extension, "number"),
    "trunks": (Trunk, "name"),
    "lines": (Line, "name"),
    "rules": (DialRule, "name"),
    "dids": (Did, "number"),
    "phones": (Phone, "mac"),
}
#: Entities that exist once.
SINGLES: Mapping[str, type] = {
    "site": Site,
    "dialling": DialProfile,
    "provisioning": Provisioning,
}


@dataclass(frozen=True)
class Document:
    """All settings of the box: what a YAML file holds and what one revision stores.

    Lists keep the owner's order (rules are tried in it). The look-ups below are made once, on
    first use; a Document is never changed.
    """

    site: Site = field(default_factory=Site)
    dialling: DialProfile = field(default_factory=DialProfile)
    provisioning: Provisioning = field(default_factory=Provisioning)
    classes: tuple[ClassOfService, ...] = ()
    extensions: tuple[Extension, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[DialRule, ...] = ()
    dids: tuple[Did, ...] = ()
    phones: tuple[Phone, ...] = ()

    @cached_property
    def extension_by_number(self) -> Mapping[str, Extension]:
        return {e.number: e for e in self.extensions}

    @cached_property
    def trunk_by_name(self) -> Mapping[str, Trunk]:
        return {t.name: t for t in self.trunks}

    @cached_property
    def line_by_name(self) -> Mapping[str, Line]:
        return {line.name: line for line in self.lines}

    @cached_property
    def class_by_name(self) -> Mapping[str, ClassOfService]:
        return {c.name: c for c in self.classes}

    @cached_property
    def did_by_number(self) -> Mapping[str, Did]:
        return {d.number: d for d in self.dids}

    @cached_property
    def phone_by_mac(self) -> Mapping[str, Phone]:
        return {p.mac: p for p in self.phones}


@dataclass(frozen=True)
class Snapshot:
    """One revision of the settings as the daemon runs it; numbering is the country's plan."""

    revision: int
    document: Document
    numbering: NumberingPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingPlan:
    """A country's numbers, read from presets/numbering/<country>.toml.

    E.164 forms have no plus here. mobile, premium and toll_free are prefixes of the national
    (significant) number; national_starts: the digits that such a number may begin with; zones maps
    an international prefix to an ISO country code, longest match wins; satellite and other global
    prefixes carry codes such as ``XS``. named_only: those of the codes that ``*`` never opens;
    premium_abroad: prefixes that cost more than their country.
    """

    country: str
    country_code: str  # "7"
    trunk_prefix: str  # "8"
    international_prefix: str  # "810"
    national_length: int  # digits of the national number, 10
    mobile: tuple[str, ...]
    premium: tuple[str, ...]
    toll_free: tuple[str, ...]
    emergency: tuple[str, ...]  # ("112", "101", "102", "103", "104", "911", "01", …)
    emergency_after_timer: tuple[str, ...]  # exact matches that wait on digit-by-digit dialling
    emergency_sent_as: Mapping[str, str]  # "911" -> "112"
    zones: Mapping[str, str]
    zone_names: Mapping[str, Mapping[str, str]]  # ISO -> {"ru": …, "en": …}
    named_only: frozenset[str] = frozenset()
    premium_abroad: tuple[str, ...] = ()
    national_starts: str = "123456789"
