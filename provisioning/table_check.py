"""What is wrong with a brand's table that only shows when a file is made of it.

PURE. Every pattern is filled once with fields that all say something, and every format is tried
with its frame, so that a mistyped field or map is told when the table is read, and not found by a
phone that gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.api import Account, Identity, Key, NeutralSettings, PhoneBook, Resync
from provisioning.fields import account_fields, key_fields, site_fields
from provisioning.formats import WRITERS
from provisioning.formats.setting import Setting
from provisioning.patterns import fill
from provisioning.shapes import Brand, FileRole, Model

#: Places at which a pattern that counts is tried.
_PLACES = range(1, 101)
_SAMPLE = NeutralSettings(
    accounts=(Account(number="2001", name="a", password="a", server="a"),),
    admin_password="a",
    keys=(Key(position=1, kind="blf", value="2002", label="a"),),
    phone_books=(PhoneBook(name="a", url="http://a/a"),),
    resync=Resync(base_url="http://a/", username="a", password="a"),
    timezone="America/New_York",
)


def mistakes(brand: Brand) -> Iterator[str]:
    """``place: what is wrong`` of every pattern and every frame."""
    for section, parameters in brand.sections.items():
        known = _fields(section)
        for parameter in parameters:
            for pattern in (parameter.name, parameter.value, *parameter.attributes.values()):
                if problem := _problem(pattern, known, brand):
                    yield f"{section}.{parameter.name}: {pattern}: {problem}"
    for role in FileRole:
        format_of = brand.frame.get(f"{role.value}_format", brand.format)
        if format_of not in WRITERS:
            yield f"frame.{role.value}_format: must be one of {', '.join(sorted(WRITERS))}"
    if brand.format in WRITERS:
        try:
            own = {k.removeprefix("device_"): v for k, v in brand.frame.items()}
            WRITERS[brand.format]((Setting("a", "b"),), own)
        except KeyError as error:
            yield f"frame: {error.args[0]} is missing"


def _problem(pattern: str, known: dict[str, str], brand: Brand) -> str:
    try:
        for place in _PLACES if ":" in pattern or "@" in pattern else (1,):
            fill(pattern, {**known, "n": str(place)} if "n" in known else known, brand.maps)
    except ValueError as error:
        return str(error)
    return ""


def _fields(section: str) -> dict[str, str]:
    """The fields that a section sees, none of which is empty."""
    model = Model("a", accounts=1, keys=1)
    found = dict(site_fields(Identity(brand="a", mac="0" * 12), model, _SAMPLE))
    found |= dict.fromkeys(("codecs", "digit_map"), "a")
    kind = section.partition(".")[0]
    if kind in ("account", "codec", "more_codec", "no_codec"):
        found |= account_fields(1, _SAMPLE.accounts[0], _SAMPLE)
    if kind in ("codec", "more_codec", "no_codec"):
        found["codec"] = "pcma"
    if kind in ("codec", "more_codec"):
        found["place"] = "1"
    if kind in ("key", "module"):
        found |= key_fields(_SAMPLE.keys[0], model, _SAMPLE)
    if kind in ("no_account", "dial", "no_dial"):
        found["n"] = "1"
    if kind == "dial":
        found["rule"] = "a"
    return {name: value or "1" for name, value in found.items()}
