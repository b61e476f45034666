"""Neutral settings → file → the emulated phone's strict reader → what the phone does: equal."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from provisioning.api import AccountTransport, DtmfMode, Key
from provisioning.catalogue import shipped
from provisioning.render import masked, render
from provisioning.shapes import FileRole
from tests.kit.desk_phones.catalogue import FAMILIES, family_of
from tests.kit.desk_phones.family import Family, Understood
from tests.provisioning.sheets import identity, settings, settings_for, understood

_BY_MODEL = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f"{f.brand}-{f.model}")
_TIER_1 = ("yealink", "grandstream", "snom", "fanvil")
_EVERY_MODEL = [
    (family_of(brand, model.name), model)
    for brand in dict.fromkeys(f.brand for f in FAMILIES)
    for model in shipped().brands[brand].models.values()
]


def fetch(family: Family, given: object, model: str = "") -> dict[str, str]:
    """What the phone has read after it asked for all of its names."""
    told = identity(replace(family, model=model or family.model))
    config: dict[str, str] = {}
    for name in family.names():
        rendered = render(told, given, "/" + name)  # type: ignore[arg-type]
        if rendered is not None:
            config.update(family.parse(rendered.body))
            if family.stops:
                break
    return config


def differences(found: Understood, expected: Understood) -> dict[str, tuple[object, object]]:
    """Fields that the phone speaks of and that are not as expected."""
    return {
        f.name: (getattr(found, f.name), getattr(expected, f.name))
        for f in fields(Understood)
        if getattr(found, f.name) is not None
        and getattr(found, f.name) != getattr(expected, f.name)
    }


@_BY_MODEL
def test_the_phone_works_as_the_settings_say(family: Family) -> None:
    given = settings_for(family)
    brand = shipped().brands[family.brand]
    model = brand.model(family.model)
    assert model is not None
    expected = family.expects(understood(given, model.places))
    assert differences(family.understand(fetch(family, given)), expected) == {}


@_BY_MODEL
@pytest.mark.parametrize(
    "changes",
    [
        {"language": "en", "country": "US", "timezone": "America/New_York"},
        {"dtmf": DtmfMode.INFO, "codecs": ("pcmu",)},
        {"keys": (), "vlan": 0, "phone_books": (), "voicemail_number": ""},
    ],
    ids=["american", "info", "bare"],
)
def test_changed_settings_reach_the_phone(family: Family, changes: dict[str, object]) -> None:
    given = settings_for(family, **changes)
    model = shipped().brands[family.brand].model(family.model)
    assert model is not None
    expected = understood(given, model.places)
    if changes.get("country") == "US":
        expected = replace(expected, offset_s=-18000, dst="3/2/0 11/1/0")
    assert differences(family.understand(fetch(family, given)), family.expects(expected)) == {}


@_BY_MODEL
def test_every_key_of_the_model_is_told_and_none_beyond(family: Family) -> None:
    model = shipped().brands[family.brand].model(family.model)
    assert model is not None
    keys = tuple(
        Key(position=n, kind="blf", value=str(2000 + n), label=f"Key {n}", pickup_code="*8")
        if n % 2
        else Key(position=n, kind="speed_dial", value=str(2000 + n), label=f"Key {n}")
        for n in range(1, model.places + 3)
    )
    given = settings_for(family, keys=keys)
    expected = family.expects(understood(given, model.places)).keys
    found = family.understand(fetch(family, given)).keys
    assert found is None or found == expected
    assert found is not None or model.places == 0 or family.brand not in _TIER_1


@_BY_MODEL
@pytest.mark.parametrize("transport", [AccountTransport.UDP, AccountTransport.TLS])
def test_transports(family: Family, transport: AccountTransport) -> None:
    given = settings(accounts=(replace(settings().accounts[0], transport=transport),))
    expected = family.expects(understood(given, 0)).lines[1].transport
    assert family.understand(fetch(family, given)).lines[1].transport == expected


@pytest.mark.parametrize(
    ("family", "model"), _EVERY_MODEL, ids=[f"{f.brand}-{m.name}" for f, m in _EVERY_MODEL]
)
def test_every_model_of_the_table_gets_a_file_that_its_firmware_reads(
    family: Family, model: object
) -> None:
    name = model.name  # type: ignore[attr-defined]
    brand = shipped().brands[family.brand]
    device = brand.file(FileRole.DEVICE)
    assert device is not None
    told = identity(replace(family, model=name))
    path = device.name.replace("{mac}", family.mac).replace("{MAC}", family.mac.upper())
    rendered = render(told, settings(), "/" + path.replace("{model}", name))
    assert rendered is not None
    found = family.understand(replace(family, model=name).parse(rendered.body))
    assert found.lines[1].password == "s3cret-of-2001"


@_BY_MODEL
def test_without_secrets_nothing_secret_is_in_any_file(family: Family) -> None:
    given = settings_for(family)
    for name in family.names():
        rendered = render(identity(family), given.without_secrets(), "/" + name)
        if rendered is not None:
            assert not rendered.has_secrets
            for secret in ("s3cret-of-2001", "adm1n-Ox7w", "r3sync", "0123456789abcdefghijkl"):
                assert secret.encode() not in rendered.body


@_BY_MODEL
def test_a_masked_file_shows_no_secret_and_all_the_rest(family: Family) -> None:
    for name in family.names():
        plain = render(identity(family), settings_for(family), "/" + name)
        shown = render(identity(family), masked(settings_for(family)), "/" + name)
        assert (plain is None) == (shown is None)
        if plain is not None and shown is not None:
            for secret in ("s3cret-of-2001", "adm1n-Ox7w", "r3sync", "0123456789abcdefghijkl"):
                assert secret.encode() not in shown.body
            assert len(family.parse(shown.body)) == len(family.parse(plain.body))


@_BY_MODEL
def test_only_the_device_file_has_secrets(family: Family) -> None:
    for file in shipped().brands[family.brand].files:
        if file.role is not FileRole.DEVICE and "{" not in file.name:
            rendered = render(identity(family), settings_for(family), "/" + file.name)
            assert rendered is None or b"s3cret" not in rendered.body
