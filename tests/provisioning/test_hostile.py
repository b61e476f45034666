"""Hostile values: the file gives back the equal value, or the value is refused by key."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from provisioning.api import Key, NeutralSettings
from provisioning.catalogue import shipped
from provisioning.render import render
from provisioning.values import FORBIDDEN, RefusedValue, refusal
from tests.kit.desk_phones.catalogue import FAMILIES, family
from tests.kit.desk_phones.family import Family
from tests.provisioning.sheets import book_name, identity, settings
from tests.provisioning.test_golden import fetch

HOSTILE = (
    *('"', "'", "a\"b'c", "&", "&amp;", "<", ">", "</P34><P2>x</P2>", "]]>", "<!--", "-->"),
    *("a\rb", "a\nb", "x\r\naccount.1.password = y", "\t", "\0", "\u202eRTL", "שלום", "😀"),
    *("%NULL%", "%EMPTY%", "{{ 7*7 }}", "{password}", "${HOME}", "$MA", "#", "# comment"),
    *("a" * 256, "a" * 257, " outer ", "=", "a=b", ";", "a;b", ",", "\\", "\\n", '\\"', "|", "@"),
    *("--", "%s", "%0a", "&#10;", "&#0;", "\u2028", "\u00a0x", "\ufffe", "\u200b", "/", "\ud800"),
    *("<?x?>", "#include x", "ООО «Ромашка»"),
)
KEYS = {
    "phone.value.unprintable",
    "phone.value.outer_blanks",
    "phone.value.too_long",
    "phone.value.reserved",
    "phone.value.forbidden",
}
_TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
_FAMILIES = list({f.brand: f for f in FAMILIES}.values())


def sheet(password: str, name: str, label: str) -> NeutralSettings:
    whole = settings()
    account = replace(whole.accounts[0], password=password, name=name, label=name)
    keys = (Key(position=2, kind="blf", value="2002", label=label, pickup_code="*8"),)
    return replace(whole, accounts=(account,), admin_password=password, keys=keys)


@cache
def plain_names(model: str) -> frozenset[str]:
    """Parameters of a file that has no hostile value in it."""
    family_ = family(model)
    return frozenset(fetch(family_, sheet("plain-secret", "Plain Name", "Plain Label")))


def check(family_: Family, password: str, name: str, label: str) -> None:
    """The property itself."""
    given_ = sheet(password, name, label)
    try:
        config = fetch(family_, given_)
    except RefusedValue as refused:
        assert refused.refusal.key in KEYS
        return
    plain = plain_names(family_.model)
    found = family_.understand(config)
    line = found.lines[1]
    if password and name and label:
        assert set(config) == plain
        assert line.password == password
        assert line.name == name
        assert found.admin_password in (password, None)
        if found.keys and 2 in found.keys and found.keys[2].label:
            assert found.keys[2].label == label
    assert set(config) <= plain


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
def test_hostile_values(family: Family) -> None:
    for text in HOSTILE:
        check(family, text, text, text)


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
@effort(max_examples=25, deadline=None)
@given(password=_TEXTS, name=_TEXTS, label=_TEXTS)
def test_any_text(family: Family, password: str, name: str, label: str) -> None:
    check(family, password, name, label)


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
def test_ordinary_names_are_never_refused(family: Family) -> None:
    for text in ("Пётр Ильич", "O'Brien & Sons", "Müller <Empfang>", "Приёмная № 1", "a=b #1"):
        fetch(family, sheet("Secret-1", text, text))


def test_the_form_forbids_what_the_tables_forbid() -> None:
    for name, brand in shipped().brands.items():
        places = "".join(p.forbids for section in brand.sections.values() for p in section)
        of_values = {"snom"}  # its only place of that kind is filled by the box itself
        found = set() if name in of_values else set(brand.forbids + places)
        assert found == set(FORBIDDEN.get(name, "")), name


@effort(deadline=None)
@given(text=st.text(max_size=300))
def test_what_is_not_refused_is_one_line_of_utf8(text: str) -> None:
    if refusal(text, "here") is None:
        assert text.encode("utf-8").decode() == text
        assert text.splitlines() in ([], [text])
        assert len(text) <= 256


@effort(max_examples=30, deadline=None)
@given(names=st.lists(st.tuples(_TEXTS, st.text("0123456789", min_size=1)), max_size=4))
def test_phone_books_of_any_names(names: list[tuple[str, str]]) -> None:
    import xml.etree.ElementTree as ElementTree

    for brand in shipped().brands.values():
        book = brand.phone_book
        if book is None:
            continue
        family = next(f for f in FAMILIES if f.brand == brand.name)
        given_ = settings(contacts=tuple(names))
        if any(not name.isprintable() for name, _ in names):
            with pytest.raises(RefusedValue):
                render(identity(family), given_, "/" + book_name(family))
            continue
        rendered = render(identity(family), given_, "/" + book_name(family))
        assert rendered is not None
        root = ElementTree.fromstring(rendered.body)
        entries = list(root.iter(book.entry))
        assert [e.findtext(book.name) for e in entries] == [
            name or number for name, number in names
        ]
        assert [e.findtext(book.number) for e in entries] == [number for _, number in names]
