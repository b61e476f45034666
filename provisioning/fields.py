"""Neutral settings as the fields that a brand's table may name, scope by scope.

PURE. A field is a text; None = not to be told now, so that whatever needs it is left out of the
file. Scopes: the whole device (``site_fields``), an account, a key, a codec, a dial rule; an inner
scope sees the fields of the device too. docs/phones.md lists all of them for installers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioning.api import Account, Identity, Key, NeutralSettings
from provisioning.shapes import Brand, Model
from provisioning.zones import Change, zone

Fields = Mapping[str, str | None]

#: What a kind of key falls back to where a brand has no such key; None = the place stays free.
_INSTEAD = {"pickup": "speed_dial", "voicemail": "speed_dial", "park": "blf", "dtmf": "", "url": ""}


def site_fields(
    identity: Identity, model: Model, settings: NeutralSettings
) -> dict[str, str | None]:
    """What holds for the whole device."""
    first = settings.accounts[0] if settings.accounts else None
    fields: dict[str, str | None] = {
        "mac": identity.mac.lower(),
        "MAC": identity.mac.upper(),
        "model": model.name,
        "one_time": "1" if settings.is_one_time else "0",
        "revision": str(settings.revision),
        "revision10": f"{settings.revision:010}",
        "ntp": settings.ntp_server,
        "language": settings.language,
        "country": settings.country,
        "admin_password": settings.admin_password,
        "dtmf": settings.dtmf.value,
        "dtmf_payload": str(settings.dtmf_payload),
        "voicemail": settings.voicemail_number,
        "pickup": settings.pickup_code,
        "directed_pickup": settings.directed_pickup_code,
        "vlan": str(settings.vlan) if settings.vlan else "",
        "has_vlan": "1" if settings.vlan else "0",
        "firmware_url": settings.firmware_url,
        "firmware_protocol": settings.firmware_url.partition("://")[0],
        "firmware_path": settings.firmware_url.partition("://")[2],
        "firmware_folder": settings.firmware_url.partition("://")[2].rpartition("/")[0],
        **_book_fields(settings),
        "server": first.server if first else "",
        "inter_digit_s": f"{settings.dial_plan.inter_digit_s:g}",
    }
    return fields | _zone_fields(settings.timezone) | _resync_fields(settings)


def _book_fields(settings: NeutralSettings) -> dict[str, str | None]:
    """The first phone book; empty where there is none, None where its URL is not to be told."""
    names = ("book_url", "book_protocol", "book_folder", "book_name")
    if not settings.phone_books:
        return dict.fromkeys(names, "")
    book = settings.phone_books[0]
    protocol, _, rest = book.url.partition("://")
    if not book.url:
        return dict.fromkeys(names)
    return dict(zip(names, (book.url, protocol, rest.rpartition("/")[0], book.name), strict=True))


def _resync_fields(settings: NeutralSettings) -> dict[str, str | None]:
    resync = settings.resync
    if resync is None:
        names = "base_url base_host base_folder resync_user resync_password interval_minutes"
        return dict.fromkeys((*names.split(), "interval_s", "interval_hours", "base_protocol"))
    protocol, _, rest = resync.base_url.partition("://")
    return {
        "base_url": resync.base_url,
        "base_protocol": protocol,
        "base_host": rest.partition("/")[0],
        "base_folder": rest.rstrip("/"),
        "resync_user": resync.username,
        "resync_password": resync.password,
        "interval_minutes": str(resync.interval_minutes),
        "interval_hours": str(max(1, resync.interval_minutes // 60)),
        "interval_s": str(resync.interval_minutes * 60),
    }


def _zone_fields(name: str) -> dict[str, str | None]:
    found = zone(name)
    fields: dict[str, str | None] = {
        "zone": name,
        "zone_hours": found.hours,
        "zone_clock": found.clock,
        "zone_s": str(found.offset_s),
        "zone_signed_s": f"{found.offset_s:+d}",
        "zone_minutes": str(found.offset_s // 60),
        "zone_quarters": str(found.offset_s // 900),
        "zone_posix": found.posix,
        "has_dst": "1" if found.begins else "0",
        "dst_s": str(found.saved_s),
        "dst_hours": found.saved,
    }
    fields |= _change_fields("dst_begins", found.begins)
    return fields | _change_fields("dst_ends", found.ends)


def _change_fields(name: str, change: Change | None) -> dict[str, str | None]:
    """week: 1-4, 5 = last (last_week: -1); day: of the month from which the weekday counts.

    weekday: Sunday = 0 (weekday1: 1, weekday7 and weekday2: 7); month2 and so on have two digits.
    """
    if change is None:
        kinds = (
            "month week last_week weekday weekday1 weekday7 day hour month2 week2 weekday2 hour2"
        )
        return dict.fromkeys(f"{name}_{kind}" for kind in kinds.split())
    return {
        f"{name}_month": str(change.month),
        f"{name}_week": str(change.week),
        f"{name}_last_week": "-1" if change.week == 5 else str(change.week),
        f"{name}_weekday": str(change.weekday),
        f"{name}_weekday1": str(change.weekday + 1),
        f"{name}_weekday7": str(change.weekday or 7),
        f"{name}_day": "-1" if change.week == 5 else str(1 + 7 * (change.week - 1)),
        f"{name}_hour": str(change.hour),
        f"{name}_month2": f"{change.month:02}",
        f"{name}_week2": f"{change.week:02}",
        f"{name}_weekday2": f"{change.weekday or 7:02}",
        f"{name}_hour2": f"{change.hour:02}",
    }


def account_fields(
    number: int, account: Account, settings: NeutralSettings
) -> dict[str, str | None]:
    """One number of the phone; ``n`` from 1."""
    return {
        "n": str(number),
        "n0": str(number - 1),
        "n5": f"{number:05}",
        "user": account.number,
        "name": account.name or account.number,
        "label": account.label or account.name or account.number,
        "auth": account.auth_name or account.number,
        "password": account.password,
        "server": account.server,
        "port": str(account.port),
        "port_hex": f"{account.port:#x}",
        "transport": account.transport.value,
        "expires_s": str(account.expires_s),
        "expires_hex": f"{account.expires_s:#x}",
        "expires_minutes": str(max(1, account.expires_s // 60)),
        "mwi": "1" if account.has_message_waiting else "0",
        "voicemail": settings.voicemail_number,
    }


def keys_of(settings: NeutralSettings, model: Model, brand: Brand) -> Iterator[tuple[str, Key]]:
    """Every place of the model with the section that writes it and the key that stands there.

    Where no key is a line, free places in front become the lines of the accounts.
    """
    given = {key.position: key for key in settings.keys if key.kind != "none"}
    if not model.has_line_keys and not any(key.kind == "line" for key in given.values()):
        for number, account in enumerate(settings.accounts[: model.accounts], 1):
            label = account.label or account.number
            given.setdefault(number, Key(position=number, kind="line", label=label, account=number))
    for place in range(1, model.places + 1):
        key = given.get(place, Key(position=place, kind="none"))
        section = _section_for(brand, "key" if place <= model.keys else "module", key.kind)
        if section in brand.sections:
            yield section, key


def _section_for(brand: Brand, where: str, kind: str) -> str:
    """where: key, or module for the keys of expansion modules."""
    while kind and f"{where}.{kind}" not in brand.sections and kind != "none":
        kind = _INSTEAD.get(kind, "")
    return f"{where}.{kind or 'none'}"


def key_fields(key: Key, model: Model, settings: NeutralSettings) -> dict[str, str | None]:
    """One programmable key; ``n`` is its place from 1, ``account`` from 1. Of an expansion module
    ``page`` is the module and ``place`` the key on it."""
    beside = key.position - model.keys
    page = (model.module_keys if beside > 0 else model.page or model.keys) or 1
    place = (beside if beside > 0 else key.position) - 1
    defaults = {"pickup": settings.pickup_code, "voicemail": settings.voicemail_number}
    value = key.value or defaults.get(key.kind, "")
    code = key.pickup_code or settings.directed_pickup_code
    number = min(key.account, len(settings.accounts)) or 1
    account = settings.accounts[number - 1] if settings.accounts else Account(number="")
    return {
        "n": str(key.position),
        "page": str(place // page + 1),
        "place": str(place % page + 1),
        "value": value,
        "label": key.label or value,
        "account": str(number),
        "account0": str(number - 1),
        "user": account.number,
        "server": account.server,
        "pickup": code + value if code and key.kind == "blf" else "",
        "pickup_code": code,
    }
