"""Neutral settings for the tests of files, and what a phone must have understood of them."""

from __future__ import annotations

from dataclasses import replace

from appliance.config.model import Extension
from appliance.config.presets.factory import factory_document
from appliance.config.presets.loader import make_snapshot
from provisioning.api import (
    Account,
    AccountTransport,
    DialPlan,
    DtmfMode,
    Identity,
    Key,
    NeutralSettings,
    PhoneBook,
    Request,
    Resync,
)
from provisioning.catalogue import shipped
from provisioning.dial_plan import dial_plan_of
from provisioning.identify import identify
from provisioning.shapes import FileRole
from tests.kit.desk_phones.family import Family, Line, PhoneKey, Understood

#: The phone's own secret stands in every URL.
BASE = "http://192.168.50.1/p/0123456789abcdefghijkl/"


def office_plan(profile: str = "P9") -> DialPlan:
    """The dial plan of an office with numbers 2001-2003."""
    document = factory_document()
    extensions = tuple(
        Extension(number=str(n), secret="correct horse battery") for n in (2001, 2002, 2003)
    )
    dialling = replace(document.dialling, name=profile)
    return dial_plan_of(
        make_snapshot(1, replace(document, extensions=extensions, dialling=dialling))
    )


def settings_for(family: Family, **changes: object) -> NeutralSettings:
    """The same, with the phone book where the brand fetches it."""
    book = PhoneBook(name="Офис", url=BASE + (book_name(family) or "b"))
    return settings(**{"phone_books": (book,), **changes})


def book_name(family: Family) -> str:
    """The name by which the brand's phones fetch the phone book, or empty."""
    files = shipped().brands[family.brand].files
    names = [f.name for f in files if f.role is FileRole.PHONE_BOOK and "{" not in f.name]
    return names[0] if names else ""


def settings(**changes: object) -> NeutralSettings:
    """Settings in which every field says something."""
    whole = NeutralSettings(
        accounts=(
            Account(
                number="2001",
                name="Пётр «Первый» & Co",
                label="Приёмная",
                auth_name="2001",
                password="s3cret-of-2001",
                server="192.168.50.1",
                port=5070,
                transport=AccountTransport.TCP,
                expires_s=600,
                has_message_waiting=True,
            ),
        ),
        codecs=("pcma", "g722", "pcmu"),
        dtmf=DtmfMode.RFC4733,
        timezone="Europe/Moscow",
        ntp_server="192.168.50.1",
        language="ru",
        country="RU",
        admin_password="adm1n-Ox7w",
        keys=(
            Key(position=2, kind="blf", value="2002", label="Ольга", pickup_code="*8"),
            Key(position=3, kind="speed_dial", value="84955551525", label="Такси"),
            Key(position=4, kind="none"),
        ),
        phone_books=(PhoneBook(name="Офис", url=BASE + "book.xml"),),
        contacts=(("Пётр", "2001"), ("Ольга & Ко", "2002")),
        voicemail_number="*97",
        pickup_code="0",
        directed_pickup_code="*8",
        dial_plan=office_plan(),
        vlan=120,
        firmware_url="http://192.168.50.1/fw/new.rom",
        resync=Resync(
            base_url=BASE,
            username="phone",
            password="r3sync",
            interval_minutes=720,
        ),
        revision=7,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def identity(family: Family) -> Identity:
    """Who this family's phone is when it says so itself."""
    found = identify(Request(path="/", user_agent=family.agent, source_mac=family.mac))
    assert found is not None and found.brand == family.brand
    return replace(found, model=family.model, mac=family.mac)


def understood(given: NeutralSettings, places: int) -> Understood:
    """How a phone with so many keys must work after it was told these settings."""
    lines = {
        n: Line(
            user=a.number,
            auth=a.auth_name or a.number,
            password=a.password or "",
            name=a.name,
            label=a.label,
            server=a.server,
            port=a.port,
            transport=a.transport.value,
            expires_s=a.expires_s,
        )
        for n, a in enumerate(given.accounts, 1)
    }
    resync = given.resync
    return Understood(
        lines=lines,
        admin_password=given.admin_password,
        ntp=given.ntp_server,
        offset_s=10800,
        dst="",
        language=given.language,
        tones=given.country,
        codecs=given.codecs,
        dtmf=given.dtmf.value,
        keys=_keys(given, places),
        voicemail=given.voicemail_number,
        book_url=given.phone_books[0].url if given.phone_books else "",
        vlan=given.vlan,
        firmware_url=given.firmware_url,
        resync_url=resync.base_url if resync else None,
        resync_user=resync.username if resync else None,
        resync_password=resync.password if resync else None,
        pickup_code=given.pickup_code,
        digit_map=tuple(rule.pattern for rule in given.dial_plan.rules if rule.is_final),
    )


def _keys(given: NeutralSettings, places: int) -> dict[int, PhoneKey]:
    keys = {
        key.position: PhoneKey(
            kind=key.kind,
            value=key.value,
            label=key.label,
            line=key.account,
            pickup=key.pickup_code + key.value if key.kind == "blf" else "",
        )
        for key in given.keys
        if key.kind != "none"
    }
    keys.setdefault(1, PhoneKey("line", label=given.accounts[0].label))
    return {place: key for place, key in sorted(keys.items()) if place <= places}
