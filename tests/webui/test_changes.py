"""Changes in words: values, additions, removals, orders; secrets never."""

from __future__ import annotations

from appliance.config.codec import MASK
from appliance.config.diff import Change
from webui.changes import rows


def test_values_come_and_go() -> None:
    place, *values = rows([Change("site.name", "a", "b")], "en")[0]
    assert place.startswith("Office") and values == ["a", "b"]
    added = rows([Change("extensions[2001]", None, {"number": "2001", "secret": MASK})], "en")[0]
    assert added[0] == "Extension 2001" and added[1] is None
    assert added[2] is not None and "2001" in added[2] and MASK not in added[2]
    assert rows([Change("extensions[2001]", {"number": "2001"}, None)], "ru")[0][2] is None


def test_an_order_is_named_as_one() -> None:
    place, before, after = rows([Change("rules.order", ["a", "b"], ["b", "a"])], "en")[0]
    assert place.endswith(", order") and (before, after) == ("a, b", "b, a")


def test_values_are_in_the_words_of_the_page() -> None:
    switched = Change("extensions[2002].is_enabled", True, False)
    assert rows([switched], "ru") == [("Номер 2002, Включён", "да", "нет")]
    assert rows([switched], "en")[0][1:] == ("yes", "no")
    entity = {"number": "2001", "name": "Анна", "is_enabled": True, "secret": MASK}
    told = rows([Change("extensions[2001]", None, entity)], "ru")[0][2]
    assert told == "Номер: 2001, Имя: Анна, Включён: да"
    keys = Change("phones[805ec0000001].keys", [], [{"kind": "line", "value": "", "account": 1}])
    _, before, after = rows([keys], "en")[0]
    assert before == "—" and after is not None and "line" in after and "kind=" not in after
