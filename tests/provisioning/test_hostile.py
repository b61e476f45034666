"""Hostile values: the file gives back the equal value, or the value is refused by key."""

from __future__ import annotations

import contextlib
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
from tests.kit.desk_phones.books import FORMS, read_book
from tests.kit.desk_phones.catalogue import FAMILIES, family
from tests.kit.desk_phones.family import Family, Understood
from tests.provisioning.sheets import book_name, identity, settings
from tests.provisioning.test_golden import fetch

HOSTILE = (
    *('"', "'", "a\"b'c", "&", "&amp;", "<", ">", "</P34><P2>x</P2>", "]]>", "<!--", "-->"),
    *("a\rb", "a\nb", "x\r\naccount.1.password = y", "\t", "\0", "\u202eRTL", "שלום", "😀"),
    *("%NULL%", "%EMPTY%", "{{ 7*7 }}", "{password}", "${HOME}", "$MA", "#", "# comment"),
    *(
        "a" * 128,
        "a" * 256,
        "a" * 257,
        " outer ",
        "=",
        "a=b",
        ";",
        "a;b",
        ",",
        "\\",
        "\\n",
        '\\"',
        "|",
        "@",
    ),
    *("--", "%s", "%0a", "&#10;", "&#0;", "\u2028", "\u00a0x", "\ufffe", "\u200b", "/", "\ud800"),
    *("<?x?>", "#include x", "ООО «Ромашка»"),
)
#: What no file carries, and the key that says so; every other text must come through.
REFUSED = {
    **dict.fromkeys(("a\rb", "a\nb", "x\r\naccount.1.password = y"), "phone.value.unprintable"),
    **dict.fromkeys(("\t", "\0", "\u202eRTL", "\ufffe", "\u200b"), "phone.value.unprintable"),
    **dict.fromkeys(("\u2028", "\u00a0x", "\ud800"), "phone.value.unprintable"),
    **dict.fromkeys(("%NULL%", "%EMPTY%"), "phone.value.reserved"),
    "a" * 257: "phone.value.too_long",
    " outer ": "phone.value.outer_blanks",
}
#: Letters that a maker's format cannot write (docs/phones.md).
UNWRITABLE = {
    **dict.fromkeys(("panasonic", "gigaset-n510"), '"'),
    **dict.fromkeys(("cisco-spa", "cisco-mpp"), ";$"),
    "linphone": '"\\',
    "sipnetic": ";",
}
#: Makers with places that hold a name and more: what fills a whole value does not fit there. No
#: form takes more than 128 letters.
WITH_COMPOSED = {"cisco-spa", "cisco-mpp", "gigaset-n510", "linphone"}
_TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
#: The first of each maker: a desk phone with keys, where the maker has any.
_FAMILIES = list({f.brand: f for f in reversed(FAMILIES)}.values())


def sheet(password: str, name: str, label: str) -> NeutralSettings:
    whole = settings()
    account = replace(whole.accounts[0], password=password, name=name, label=name)
    keys = (Key(position=2, kind="blf", value="2002", label=label, pickup_code="*8"),)
    return replace(whole, accounts=(account,), admin_password=of_admin(password), keys=keys)


def of_admin(password: str) -> str:
    """The same for the phone's own page; the box makes these, and none is as long as can be."""
    return password if len(password) <= 200 else password[:200]


@cache
def plain(model: str) -> tuple[frozenset[str], Understood]:
    """Parameters of a file that has no hostile value in it, and what the phone makes of them."""
    family_ = family(model)
    config = fetch(family_, sheet("plain-secret", "Plain Name", "Plain Label"))
    return frozenset(config), family_.understand(config)


def refused_as(brand: str, text: str) -> str:
    """The key that refuses this text in a file of this maker, or empty."""
    if text in REFUSED:
        return REFUSED[text]
    if text == "a" * 256 and brand in WITH_COMPOSED:
        return "phone.value.too_long"
    is_unwritable = any(letter in text for letter in UNWRITABLE.get(brand, ""))
    return "phone.value.forbidden" if is_unwritable else ""


def check(family_: Family, password: str, name: str, label: str) -> None:
    """The property itself, of values that were not refused; nothing is there that was not."""
    config = fetch(family_, sheet(password, name, label))
    names, usual = plain(family_.model)
    assert set(config) <= names
    if not (password and name and label):
        return
    assert set(config) == names
    found = family_.understand(config)
    assert found.lines[1].password == password
    assert found.lines[1].name == (name if usual.lines[1].name else "")
    assert found.admin_password == (of_admin(password) if usual.admin_password else None)
    usual_label = (usual.keys or {}).get(2)
    if usual_label is not None and usual_label.label:
        assert found.keys is not None and found.keys[2].label == label


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
def test_hostile_values(family: Family) -> None:
    for text in HOSTILE:
        key = refused_as(family.brand, text)
        if not key:
            check(family, text, text, text)
            continue
        with pytest.raises(RefusedValue) as refused:
            fetch(family, sheet(text, text, text))
        assert refused.value.refusal.key == key, repr(text)


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
@effort(max_examples=25, deadline=None)
@given(password=_TEXTS, name=_TEXTS, label=_TEXTS)
def test_any_text(family: Family, password: str, name: str, label: str) -> None:
    texts = [text for text in (password, name, label) if text]
    forbids = FORBIDDEN.get(family.brand, "")
    if any(refusal(text, "here", forbids=forbids, longest=128) for text in texts):
        with contextlib.suppress(RefusedValue):  # some of it is forbidden in some places only
            check(family, password, name, label)
    else:
        check(family, password, name, label)


@pytest.mark.parametrize("family", _FAMILIES, ids=lambda f: f.brand)
def test_tier_1_shows_names_and_labels(family: Family) -> None:
    """What the tests above compare is there: else they would compare nothing."""
    _, usual = plain(family.model)
    assert usual.lines[1].password == "plain-secret"
    if shipped().brands[family.brand].tier == 1:
        assert usual.lines[1].name == "Plain Name"
        assert (usual.keys or {})[2].label == "Plain Label"
        assert usual.admin_password == "plain-secret"


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
    """What each maker's phone reads of its list is the list."""
    assert {b.name for b in shipped().brands.values() if b.phone_book} == set(FORMS)
    for brand in FORMS:
        family = next(f for f in FAMILIES if f.brand == brand)
        given_ = settings(contacts=tuple(names))
        if any(not name.isprintable() for name, _ in names):
            with pytest.raises(RefusedValue):
                render(identity(family), given_, "/" + book_name(family))
            continue
        rendered = render(identity(family), given_, "/" + book_name(family))
        assert rendered is not None
        assert read_book(brand, rendered.body) == [
            (name or number, number) for name, number in names
        ]
