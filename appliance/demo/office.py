"""The ready office of the demo: extensions, a trunk to the simulated provider, rules, numbers.

PURE but for the presets that it reads. Ordinary settings like any other office's: the owner may
change them with ``dozvon config``, and they stay so. Its numbers outside begin like Moscow's (495)
and then like nobody's; no call leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from appliance.config.model import (
    ClassOfService,
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    Line,
    LineKind,
    Site,
    Trunk,
)
from appliance.config.presets import factory_document
from appliance.config.strong_secret import make_secret
from appliance.demo.customer import REALM

TRUNK = "provider"
HOST = "127.0.0.1"
ACCOUNT = "74950002000"
FIRST_EXTENSION = "2001"
#: What the first emulated desk phone is given on its first day.
DESK_EXTENSION = "2004"
DEVICE = "sim:office"
#: Extensions with a telephone on a simulated wire.
WIRED = ("2002", "2003")
_CITY = ("city 1", "city 2")
#: City numbers that begin so go by a city line, the others by the provider.
BY_WIRE = "7495777"
_NAMES = {
    "ru": "Анна Борис Вера Григорий Дарья Егор Жанна Захар Ирина Кирилл",
    "en": "Anna Boris Clara David Emma Frank Grace Henry Irene Jack",
}
_SITE_NAMES = {"ru": "Пробный офис", "en": "Demo office"}
#: Where 2009 may call: the owner of this office opened them.
_OPENED = ("BY", "KZ", "AM", "KG", "UZ", "DE", "GB", "US")
_CLASSES = {"2009": "international", "2010": "internal"}
_OUTSIDE = (
    DestinationKind.EMERGENCY,
    DestinationKind.LOCAL,
    DestinationKind.NATIONAL,
    DestinationKind.MOBILE,
    DestinationKind.TOLL_FREE,
    DestinationKind.INTERNATIONAL,
)


def demo_office(language: str, provider_port: int, choose: Callable[[str], str]) -> Document:
    """The settings; choose: one letter of a text, at random and not guessable."""
    names = _NAMES[language].split()
    numbers = [str(2001 + index) for index in range(len(names))]
    extensions = tuple(
        Extension(
            number=number,
            name=name,
            secret=make_secret(choose),
            class_of_service=_CLASSES.get(number, "national"),
            caller_id=did_of(number),
            pickup_group="office",
        )
        for number, name in zip(numbers, names, strict=True)
    )
    factory = factory_document(language, "RU")
    return replace(
        factory,
        classes=tuple(_opened(c) if c.name == "international" else c for c in factory.classes),
        site=Site(name=_SITE_NAMES[language], language=language, default_extension=FIRST_EXTENSION),
        dialling=DialProfile(name="P9", outside_prefix="9", area_code="495", local_length=7),
        extensions=extensions,
        trunks=(_trunk(provider_port, make_secret(choose)),),
        lines=_lines(),
        rules=(
            DialRule(name="by wire", kinds=(DestinationKind.LOCAL,), prefix=BY_WIRE, ways=_CITY),
            DialRule(name="outside", kinds=_OUTSIDE, ways=(TRUNK,)),
        ),
        dids=tuple(Did(number=did_of(n), trunk=TRUNK, extension=n) for n in numbers),
    )


def _opened(service: ClassOfService) -> ClassOfService:
    allows = (*service.allows, DestinationKind.INTERNATIONAL)
    return replace(service, allows=allows, countries=_OPENED)


def did_of(extension: str) -> str:
    """The number outside of an extension: its own digits behind a common beginning."""
    return f"+7495000{extension}"


def with_provider_at(document: Document, port: int) -> Document:
    """The same settings with the provider at another port."""
    trunks = tuple(replace(t, port=port) if t.name == TRUNK else t for t in document.trunks)
    return replace(document, trunks=trunks)


def _lines() -> tuple[Line, ...]:
    """Two telephones and two city lines that nobody needs to buy (drivers/simulator)."""
    phones = (
        Line(name=f"desk {n}", kind=LineKind.FXS, device=DEVICE, port=index, extension=n)
        for index, n in enumerate(WIRED)
    )
    city = (
        Line(
            name=name,
            kind=LineKind.FXO,
            device=DEVICE,
            port=len(WIRED) + index,
            extension=FIRST_EXTENSION,
            number=f"+7495000290{index + 1}",
        )
        for index, name in enumerate(_CITY)
    )
    return (*phones, *city)


def _trunk(port: int, secret: str) -> Trunk:
    return Trunk(
        name=TRUNK,
        host=HOST,
        port=port,
        username=ACCOUNT,
        secret=secret,
        realm=REALM,
        caller_id=f"+{ACCOUNT}",
        registration_expires_s=120,
        qualify_s=30,
    )
