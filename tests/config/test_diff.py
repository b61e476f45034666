"""What changed between two documents, and in what words."""

from __future__ import annotations

from dataclasses import replace

from appliance.config.diff import Change, changes, describe
from appliance.config.model import Extension
from tests.config.offices import OTHER_SECRET, SECRET, office, with_added, with_first, with_site


def test_equal_documents_do_not_differ() -> None:
    assert changes(office(), office()) == ()


def test_a_field_and_a_list() -> None:
    assert changes(office(), with_site(ring_time_s=30)) == (Change("site.ring_time_s", 60, 30),)
    new = with_first("rules", ways=("spare", "mango"))
    (change,) = changes(office(), new)
    assert change == Change("rules[all].ways", ["mango"], ["spare", "mango"])
    assert describe(change, "en") == "Rule all, Ways: mango → spare, mango"


def test_new_and_removed_entities() -> None:
    new = with_added("extensions", Extension(number="2003", secret=SECRET))
    (added,) = changes(office(), new)
    assert added.path == "extensions[2003]" and added.before is None
    assert describe(added, "en") == "Extension 2003: added"
    (removed,) = changes(new, office())
    assert describe(removed, "ru") == "Номер 2003: удалено"


def test_secrets_are_never_shown() -> None:
    new = with_first("extensions", secret="brand-new-Secret1")
    (change,) = changes(office(), new)
    assert describe(change, "en") == "Extension 2001, Secret: changed"
    everything = changes(replace(office(), extensions=(), trunks=()), office())
    for text in (str(everything), str(change), *(describe(c, "ru") for c in everything)):
        assert SECRET not in text and OTHER_SECRET not in text and "brand-new" not in text


def test_a_new_order_is_one_change() -> None:
    moved = replace(office(), trunks=office().trunks[::-1])
    (change,) = changes(office(), moved)
    assert change == Change("trunks.order", ["mango", "spare"], ["spare", "mango"])
    assert describe(change, "ru") == "Транки, порядок: mango, spare → spare, mango"
    assert describe(change, "en") == "Trunks, order: mango, spare → spare, mango"


def test_flags_and_empty_values_in_words() -> None:
    (change,) = changes(office(), with_first("extensions", is_enabled=False))
    assert describe(change, "en") == "Extension 2001, Enabled: true → false"
    (change,) = changes(office(), with_site(default_extension=""))
    assert describe(change, "en") == "Office, Default extension: 2001 → —"
