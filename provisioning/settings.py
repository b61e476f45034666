"""What a phone is told of the office's settings: a snapshot made into NeutralSettings.

PURE. The daemon uses the same function to find the phones whose files a revision changes. Secrets
of devices come from the daemon's ``state.db`` by way of DeviceFacts; the extension's password from
the settings. What may be told to whom is decided in disclosure.py, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from appliance.config.model import Document, Phone, PhoneKey, Snapshot
from appliance.config.phone_values import cleaned
from appliance.routing.claim import KEY_CODE
from provisioning.api import (
    Account,
    AccountTransport,
    Key,
    NeutralSettings,
    PhoneBook,
    Resync,
)
from provisioning.dial_plan import dial_plan_of

GUEST_LABELS = {"ru": "Наберите код", "en": "Dial the code"}
KEY_LABELS = {"ru": "Получить номер", "en": "Get the number"}
#: The first is the line of the hidden account.
_PLACE_OF_KEY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What the daemon keeps of one device. secret: for the URL and HTTP credentials; base_url:
    ends with ``/``, without the secret; sip_port: of the box."""

    mac: str
    brand: str
    box_host: str
    base_url: str
    sip_port: int = 5060
    secret: str = field(default="", repr=False)
    admin_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """The hidden account of a phone without a number."""

    number: str
    password: str = field(repr=False)


def settings_of(snapshot: Snapshot, phone: Phone, device: DeviceFacts) -> NeutralSettings:
    """All that this phone is told, secrets included."""
    document = snapshot.document
    accounts = tuple(
        _account(document, number, phone, device)
        for number in phone.extensions
        if number in document.extension_by_number
    )
    keys = tuple(
        _key(position, key, document, device.brand) for position, key in enumerate(phone.keys, 1)
    )
    return _common(snapshot, device, phone.language, accounts=accounts, keys=keys, phone=phone)


def settings_of_softphone(
    snapshot: Snapshot, extension: str, box_host: str, sip_port: int, brand: str = ""
) -> NeutralSettings:
    """The account of one extension, with its password, for a program that asks once.

    Nothing of a device is in it: neither a secret of its own, nor where to ask again.
    """
    phone = Phone(mac="000000000000", extensions=(extension,))
    facts = DeviceFacts(
        mac=phone.mac, brand=brand, box_host=box_host, base_url="", sip_port=sip_port
    )
    settings = settings_of(snapshot, phone, facts)
    return replace(settings, phone_books=(), resync=None, is_one_time=True)


def settings_of_guest(
    snapshot: Snapshot, guest: Guest, device: DeviceFacts, *, has_key: bool = False
) -> NeutralSettings:
    """A phone without a number: one account that reaches the claim menu and emergency numbers.

    has_key: it stands in the settings with its number, and has a key that asks for its passwords.

    Neither its own secret nor its web password is told: those are for a phone that was claimed.
    """
    language = snapshot.document.site.language
    labels = KEY_LABELS if has_key else GUEST_LABELS
    label = labels.get(language, labels["en"])
    key = Key(position=_PLACE_OF_KEY, kind="speed_dial", value=KEY_CODE, label=label)
    account = Account(
        number=guest.number,
        name=label,
        label=label,
        auth_name=guest.number,
        password=guest.password,
        server=device.box_host,
        port=device.sip_port,
    )
    return _common(
        snapshot, device, "", accounts=(account,), keys=(key,) if has_key else (), phone=None
    )


def settings_of_nobody(snapshot: Snapshot, device: DeviceFacts) -> NeutralSettings:
    """A phone of which nothing is known, not even its hardware address: how the office tells the
    time and which language it speaks; no account, no directory, no secret."""
    return _common(snapshot, device, "", accounts=(), keys=(), phone=None).without_secrets()


def _common(
    snapshot: Snapshot,
    device: DeviceFacts,
    language: str,
    *,
    accounts: tuple[Account, ...],
    keys: tuple[Key, ...],
    phone: Phone | None,
) -> NeutralSettings:
    document = snapshot.document
    dialling = document.dialling
    base = f"{device.base_url}p/{device.secret}/" if phone and device.secret else device.base_url
    book = PhoneBook(
        name=cleaned(document.site.name, device.brand), url=f"{base}phonebook-{device.brand}.xml"
    )
    resync = Resync(base_url=base, username=device.mac, password=device.secret)
    return NeutralSettings(
        accounts=accounts,
        timezone=document.site.timezone,
        ntp_server=device.box_host,
        language=language or document.site.language,
        country=document.site.country,
        admin_password=(device.admin_password or None) if phone else None,
        keys=keys,
        phone_books=(book,) if phone else (),
        contacts=_contacts(document) if phone else (),
        voicemail_number=dialling.voicemail_code if _has_mailbox(document, phone) else "",
        pickup_code=dialling.pickup_code,
        directed_pickup_code=dialling.directed_pickup_code,
        dial_plan=dial_plan_of(snapshot),
        vlan=phone.vlan if phone else 0,
        firmware_url=phone.firmware_url if phone else "",
        resync=resync if phone and device.secret else None,
        revision=snapshot.revision,
    )


def _account(document: Document, number: str, phone: Phone, device: DeviceFacts) -> Account:
    extension = document.extension_by_number[number]
    name = cleaned(extension.name, device.brand)
    return Account(
        number=number,
        name=name or number,
        label=f"{number} {name}".strip(),
        auth_name=number,
        password=extension.secret,
        server=device.box_host,
        port=device.sip_port,
        transport=AccountTransport(phone.transport),
        has_message_waiting=extension.voicemail,
    )


def _has_mailbox(document: Document, phone: Phone | None) -> bool:
    """Whether some number of the phone has one: others have nothing to call there."""
    numbers = phone.extensions if phone else ()
    known = (document.extension_by_number.get(number) for number in numbers)
    return any(extension is not None and extension.voicemail for extension in known)


def _key(position: int, key: PhoneKey, document: Document, brand: str) -> Key:
    dialling = document.dialling
    value = dialling.pickup_code if key.kind == "pickup" else key.value
    known = document.extension_by_number.get(key.value)
    label = key.label or (cleaned(known.name, brand) if known else "") or value
    return Key(
        position=position,
        kind=key.kind,
        value=value,
        label=label,
        account=key.account,
        pickup_code=dialling.directed_pickup_code if key.kind == "blf" else "",
    )


def _contacts(document: Document) -> tuple[tuple[str, str], ...]:
    """The office's directory, by name."""
    enabled = (e for e in document.extensions if e.is_enabled)
    return tuple(sorted((cleaned(e.name, "") or e.number, e.number) for e in enabled))
