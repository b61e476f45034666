"""catalogue.py and table.py: our own tables, an installer's, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.api import Account, Identity, NeutralSettings, Request
from provisioning.catalogue import parse_table, shipped, with_own
from provisioning.fields import account_fields, key_fields, site_fields
from provisioning.identify import identify
from provisioning.patterns import PatternError, fill
from provisioning.render import render
from provisioning.shapes import Model
from provisioning.table import TableError
from tests.provisioning.sheets import settings

#: A brand of an installer: a data file and nothing else.
OWN = b"""
name = "atcom"
title = "Atcom"
format = "key_value"
ouis = ["0009D3"]
user_agents = ['^ATCOM (?P<model>A\\d+) (?P<firmware>[\\d.]+) (?P<mac>[0-9a-f]{12})']
codecs = ["pcma"]
[frame]
header = "#!version:1.0.0.1"
[models]
A48 = { accounts = 2, keys = 8 }
[[files]]
name = "atcom-{mac}.txt"
[account]
"sip.{n}.user" = "{user}"
"sip.{n}.secret" = "{password}"
"sip.{n}.fast" = { value = "1", since = [2, 7] }
"""


def test_our_tables_have_no_mistakes() -> None:
    assert "yealink" in shipped().brands
    assert shipped().problems == ()


def test_every_pattern_of_our_tables_names_fields_and_maps_that_exist() -> None:
    whole = settings()
    site = site_fields(Identity(brand="x"), Model("x"), whole)
    site |= dict.fromkeys(("codecs", "digit_map"), "x")
    scopes = {
        "account": site | account_fields(1, whole.accounts[0], whole),
        "key": site | key_fields(whole.keys[0], Model("x"), whole),
        "dial": site | {"n": "1", "rule": "x"},
    }
    scopes["module"] = scopes["key"]
    scopes |= {
        "no_account": site | {"n": "1"},
        "no_dial": site | {"n": "1"},
        "codec": scopes["account"] | {"codec": "pcma", "place": "1"},
        "no_codec": scopes["account"] | {"codec": "pcma"},
        "more_codec": scopes["account"] | {"codec": "pcma", "place": "1"},
    }
    for brand in shipped().brands.values():
        for section, parameters in brand.sections.items():
            fields = scopes.get(section.partition(".")[0], site)
            for parameter in parameters:
                for pattern in (parameter.name, parameter.value, *parameter.attributes.values()):
                    try:
                        fill(pattern, fields, brand.maps)
                    except (PatternError, ValueError) as error:
                        pytest.fail(f"{brand.name} [{section}] {pattern}: {error}")


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("P{n:23000+5}", ["P23000", "P23005", "P23010", "P23015"]),
        ("P{n:20+1>2}", [None, None, "P20", "P21"]),
        ("P{n:1363+2<3}", ["P1363", "P1365", None, None]),
        ("P{n:7>1<4}", [None, "P7", "P8", None]),
        ("P{n@a,b}", ["Pa", "Pb", None, None]),
    ],
)
def test_places_are_counted(pattern: str, places: list[str | None]) -> None:
    assert [fill(pattern, {"n": str(n)}, {}) for n in range(1, 5)] == places


def test_a_brand_is_added_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "atcom.toml").write_bytes(OWN)
    catalogue = with_own(tmp_path)
    assert catalogue.problems == () and set(shipped().brands) < set(catalogue.brands)
    request = Request(path="/atcom-0009d3aabbcc.txt", user_agent="ATCOM A48 2.6.4 0009d3aabbcc")
    found = identify(request, catalogue)
    assert found is not None and (found.brand, found.model) == ("atcom", "A48")
    given = NeutralSettings(accounts=(Account(number="2001", password="s3cret"),))
    rendered = render(found, given, request.path, catalogue)
    assert rendered is not None
    expected = "#!version:1.0.0.1\nsip.1.user = 2001\nsip.1.secret = s3cret\n"
    assert rendered.body.decode() == expected  # 2.6.4 is older than since = [2, 7]


def test_a_wrong_file_is_told_and_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(OWN)
    (tmp_path / "b.toml").write_bytes(b"name = ")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "d.toml").write_bytes(b"#" * 300_000)
    (tmp_path / "e.toml").write_bytes(OWN.replace(b'"key_value"', b'"word"'))
    catalogue = with_own(tmp_path)
    assert "atcom" in catalogue.brands and set(shipped().brands) <= set(catalogue.brands)
    assert len(catalogue.problems) == 4
    assert "e.toml: format: must be one of" in "\n".join(catalogue.problems)


@pytest.mark.parametrize(
    "line",
    [
        *("models = 5", "files = 'a'", "files = ['a.cfg']", "maps = 3", "tones = 'x'"),
        *("account = 5", "discovery = 5", "phone_book = 'x'", "softphone = 5", "ouis = [5]"),
        "x = " + "[" * 20000,
    ],
    ids=lambda line: str(line)[:12],
)
def test_no_table_keeps_the_others_from_being_read(line: str, tmp_path: Path) -> None:
    text = f'name = "x"\nformat = "key_value"\nuser_agents = ["^X"]\n{line}\n'
    (tmp_path / "x.toml").write_text(text)
    (tmp_path / "y.toml").write_bytes(OWN)
    catalogue = with_own(tmp_path)
    assert {"atcom", *shipped().brands} == set(catalogue.brands)
    assert catalogue.problems[0].startswith("x.toml: ") and len(catalogue.problems) == 1


def test_what_nobody_foresaw_in_a_table_is_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("no such thing")

    shipped()
    monkeypatch.setattr("provisioning.catalogue.read_brand", broken)
    (tmp_path / "x.toml").write_bytes(OWN)
    catalogue = with_own(tmp_path)
    assert catalogue.problems == ("x.toml: cannot be used: AttributeError: no such thing",)
    assert catalogue.brands.keys() == shipped().brands.keys()


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert with_own(tmp_path / "none").brands.keys() == shipped().brands.keys()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ((b'title = "Atcom"', b"title = 3"), "title: a text belongs here"),
        ((b"[models]", b"[modelle]"), "modelle: no such field"),
        ((b"accounts = 2", b"lines = 2"), "models.A48: fields are"),
        ((b'["pcma"]', b'"pcma"'), "codecs: a list of texts belongs here"),
        ((b"since = [2, 7]", b"sinse = [2, 7]"), "account.sip.{n}.fast.sinse: fields are"),
        ((b"'^ATCOM (?P<model>", b"'^ATCOM ((?P<model>"), "not a regular expression"),
        ((b'name = "atcom-{mac}.txt"', b'name = "x"\nrole = "funny"'), "files[1].role: must be"),
        ((b"accounts = 2", b'accounts = "2"'), "models.A48.accounts: a whole number"),
        ((b"since = [2, 7]", b"since = 5"), "account.sip.{n}.fast.since: a list of whole numbers"),
        ((b'"{user}"', b'"{usr}"'), "account.sip.{n}.user: {usr}: no field usr"),
        ((b'"{user}"', b'"{user|usr}"'), "account.sip.{n}.user: {user|usr}: no map usr"),
        ((b'"sip.{n}.user"', b'"sip.{n:a+1>9<12}.user"'), "invalid literal"),
        ((b'"key_value"', b'"element_xml"'), "frame: root is missing"),
        ((b"[models]", b"[families]\na = 5\n[models]"), "families.a: a table belongs here"),
        ((b"[models]", b"[maps]\na = 5\n[models]"), "maps.a: a table belongs here"),
        ((b"[models]", b"[key]\nblf = 'x'\n[models]"), "key.blf: a table belongs here"),
        ((b"[models]", b"[phone_book]\nroot = 5\n[models]"), "phone_book.root: a text belongs"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: tuple[bytes, bytes], problem: str) -> None:
    octets = OWN.replace(*change)
    assert octets != OWN
    with pytest.raises(TableError) as error:
        parse_table("x", octets)
    assert problem in "; ".join(error.value.problems)
