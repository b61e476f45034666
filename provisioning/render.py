"""A phone's file from neutral settings: the brand's parameters, filled and written in its format.

PURE. ``render`` answers one path of an identified phone; ``settings_lines`` is what stands in the
file before it has a format; ``masked`` makes settings fit for a person's eyes. A secret that is
None in the settings leaves its lines out, so that the phone keeps what it has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provisioning import fields as scopes
from provisioning.api import Identity, NeutralSettings, Rendered
from provisioning.catalogue import Catalogue, shipped
from provisioning.digit_map import LONGEST_MAP, digit_map, in_words
from provisioning.fields import Fields
from provisioning.formats import WRITERS
from provisioning.formats.setting import Setting
from provisioning.identify import Asked, file_of, nearest_model
from provisioning.patterns import fields_in, fill
from provisioning.phone_book import phone_book
from provisioning.shapes import Brand, FileRole, Model, Parameter
from provisioning.values import LONGEST, Refusal, RefusedValue, refusal

#: Places of dial rules that a phone has; those that are free are cleared.
_DIAL_RULES = 20
#: Places of codecs in brands that have places: free ones repeat the last codec.
_CODEC_PLACES = 8
_MASK = "••••••••"
XML = "application/xml; charset=utf-8"


def render(
    identity: Identity,
    settings: NeutralSettings,
    path: str,
    catalogue: Catalogue | None = None,
) -> Rendered | None:
    """The file that this phone asks for by this path; None: it is not there (on purpose or not).

    Raises RefusedValue when a value of the settings cannot stand in the brand's format.
    """
    brand = (catalogue or shipped()).brand(identity.brand)
    asked = file_of(path, brand) if brand else None
    if brand is None or asked is None or asked.file.role in (FileRole.ABSENT, FileRole.UPLOAD):
        return None
    if asked.file.role is FileRole.PHONE_BOOK:
        form = brand.phone_book
        body = phone_book(form, settings.contacts) if form else b""
        return Rendered(path=path, content_type=XML, body=body) if form else None
    told = settings if asked.file.role is FileRole.DEVICE else settings.without_secrets()
    lines = tuple(settings_lines(brand, asked, identity, told))
    body = WRITERS[_format(brand, asked)](lines, _frame(brand, asked, identity))
    return Rendered(
        path=path,
        content_type=brand.content_type,
        body=body,
        has_secrets=told.has_secrets,
    )


def masked(settings: NeutralSettings) -> NeutralSettings:
    """The same settings with dots where secrets are told: for a person's eyes."""
    accounts = tuple(
        account if account.password is None else replace(account, password=_MASK)
        for account in settings.accounts
    )
    resync = settings.resync
    if resync is not None:
        password = None if resync.password is None else _MASK
        resync = replace(resync, base_url=_masked_url(resync.base_url), password=password)
    admin = None if settings.admin_password is None else _MASK
    books = tuple(replace(book, url=_masked_url(book.url)) for book in settings.phone_books)
    plain = replace(settings, accounts=accounts, phone_books=books)
    return replace(plain, admin_password=admin, resync=resync)


def settings_lines(
    brand: Brand,
    asked: Asked,
    identity: Identity,
    settings: NeutralSettings,
) -> Iterator[Setting]:
    """The file's parameters in order; RefusedValue for what the brand cannot be told."""
    model = nearest_model(brand, identity.model)
    firmware = _firmware(identity.firmware, brand.firmware_from)
    fitting: dict[str, list[Parameter]] = {}
    for section, values in _scopes(brand, asked, identity, model, settings):
        if section not in fitting:
            everything = brand.sections.get(section, ())
            fitting[section] = [p for p in everything if p.fits(model.name, firmware)]
        for parameter in fitting[section]:
            setting = _setting(parameter, values, brand)
            if setting is None:
                continue
            problem = _problem(setting, parameter, brand, values)
            if problem is not None:
                raise RefusedValue(problem)
            told = _or_reset(setting, parameter)
            if told is not None:
                yield told


def _scopes(
    brand: Brand, asked: Asked, identity: Identity, model: Model, settings: NeutralSettings
) -> Iterator[tuple[str, Fields]]:
    """Sections of the table in the order of the file, each with the fields that it sees."""
    site: Fields = scopes.site_fields(identity, model, settings) | _lists(brand, settings)
    if asked.file.role is FileRole.MASTER:
        yield "master", site
        return
    yield "common", site
    yield f"tones.{settings.country}", site
    if asked.file.role is not FileRole.DEVICE:
        return
    yield "device", site
    for number, account in enumerate(settings.accounts[: model.accounts], 1):
        own = {**site, **scopes.account_fields(number, account, settings)}
        yield "account", own
        yield from _codecs(brand, own, settings)
    for number in range(len(settings.accounts) + 1, model.accounts + 1):
        yield "no_account", {**site, "n": str(number)}
    for section, key in scopes.keys_of(settings, model, brand):
        yield section, {**site, **scopes.key_fields(key, model, settings)}
    yield from _dial(brand, site, settings)


def _codecs(brand: Brand, own: Fields, settings: NeutralSettings) -> Iterator[tuple[str, Fields]]:
    used = [codec for codec in settings.codecs if codec in brand.codecs]
    for place, codec in enumerate(used, 1):
        yield "codec", {**own, "codec": codec, "place": str(place)}
    for place in range(len(used) + 1, _CODEC_PLACES + 1):
        yield "more_codec", {**own, "codec": used[-1] if used else None, "place": str(place)}
    for codec in brand.codecs:
        if codec not in used:
            yield "no_codec", {**own, "codec": codec}


def _dial(brand: Brand, site: Fields, settings: NeutralSettings) -> Iterator[tuple[str, Fields]]:
    rules = [rule for rule in settings.dial_plan.rules if rule.is_final][:_DIAL_RULES]
    syntax = brand.maps.get("dial", {})
    for number, rule in enumerate(rules, 1):
        yield "dial", {**site, "n": str(number), "rule": in_words(rule, syntax)}
    for number in range(len(rules) + 1, _DIAL_RULES + 1):
        yield "no_dial", {**site, "n": str(number)}


def _lists(brand: Brand, settings: NeutralSettings) -> dict[str, str | None]:
    """Fields that are lists, joined as the brand joins them."""
    names = brand.maps.get("codec", {})
    codecs = [names.get(c, c) for c in settings.codecs if c in brand.codecs]
    codecs += [names["tail"]] if "tail" in names else []
    return {
        "codecs": brand.lists.get("codecs", ",").join(codecs),
        "digit_map": digit_map(settings.dial_plan, brand.maps.get("dial", {})),
    }


def _setting(parameter: Parameter, values: Fields, brand: Brand) -> Setting | None:
    name = fill(parameter.name, values, brand.maps)
    value = fill(parameter.value, values, brand.maps)
    attributes: dict[str, str] = {}
    for key, pattern in parameter.attributes.items():
        filled = fill(pattern, values, brand.maps)
        if filled is None:
            return None
        attributes[key] = filled
    return None if name is None or value is None else Setting(name, value, attributes)


def _or_reset(setting: Setting, parameter: Parameter) -> Setting | None:
    """What is written where the value is empty: the brand's word for it, or nothing at all."""
    if setting.value:
        return setting
    return None if parameter.empty is None else replace(setting, value=parameter.empty)


def _problem(
    setting: Setting, parameter: Parameter, brand: Brand, values: Fields
) -> Refusal | None:
    """Why the value cannot be told; what the table itself says is never refused."""
    forbids = brand.forbids + parameter.forbids
    patterns = {"": parameter.value, **parameter.attributes}
    texts = {"": setting.value, **setting.attributes}
    for place, pattern in patterns.items():
        names = fields_in(pattern)
        # The map of numbers is composed here, typed by nobody, and phones have more room for it.
        is_map = "digit_map" in names
        most = LONGEST_MAP if is_map else LONGEST
        longest = LONGEST_MAP if is_map else brand.longest
        for name in names:
            found = refusal(values[name] or "", setting.name, forbids=forbids, longest=most)
            if found is not None:
                return found
        if len(texts[place]) > longest:
            return refusal(texts[place], setting.name, longest=longest)
    return None


def _firmware(text: str, skipped: int) -> tuple[int, ...]:
    parts = text.split(".")[skipped:]
    return tuple(int(part) for part in parts if part.isdigit())


def _format(brand: Brand, asked: Asked) -> str:
    return brand.frame.get(f"{asked.file.role.value}_format", brand.format)


def _frame(brand: Brand, asked: Asked, identity: Identity) -> Mapping[str, str]:
    """The frame of the file; a role may have its own (``master_root``)."""
    prefix = f"{asked.file.role.value}_"
    own = {k.removeprefix(prefix): v for k, v in brand.frame.items() if k.startswith(prefix)}
    macs = {"{mac}": identity.mac, "{MAC}": identity.mac.upper()}
    frame = {**brand.frame, **own}
    for place, mac in macs.items():
        frame = {key: value.replace(place, mac) for key, value in frame.items()}
    return frame


def _masked_url(url: str) -> str:
    """A URL without the secret that it may hold (``…/p/<secret>/``)."""
    head, mark, tail = url.partition("/p/")
    return f"{head}{mark}{_MASK}/{tail.partition('/')[2]}" if mark else url
