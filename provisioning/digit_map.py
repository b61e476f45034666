"""The office's dial plan in the words of a brand.

PURE. A brand's table says its words in ``[maps.dial]``: ``x`` any digit (and any other symbol that
is written differently), ``more`` what stands for the rest of a number that is not final, ``final``
what is put behind a final one, ``set_join`` between the parts of a set, and ``begin``, ``join``,
``end`` of a map on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioning.api import DialPlan, DialRule

#: Longest map that every brand with a map on one line takes: Cisco's limit is the lowest.
LONGEST_MAP = 2048


def digit_map(plan: DialPlan, syntax: Mapping[str, str]) -> str:
    """All rules on one line, or empty for a brand that has no words for them.

    What only waits (``911`` where local numbers begin like it) needs no rule: the last ones, for
    any digits, let it through when the timer has run out. Where the map becomes too long for a
    phone it goes without the last of the final rules: such numbers wait for the timer too.
    """
    if not syntax or not plan.rules:
        return ""
    told = [rule for rule in plan.rules if rule.is_final or rule.pattern.endswith("x")]
    finals = [rule for rule in told if rule.is_final]
    while len(whole := _on_one_line(told, syntax)) > LONGEST_MAP and finals:
        told.remove(finals.pop())
    return whole


def _on_one_line(rules: Iterable[DialRule], syntax: Mapping[str, str]) -> str:
    words = syntax.get("join", "|").join(in_words(rule, syntax) for rule in rules)
    return syntax.get("begin", "") + words + syntax.get("end", "")


def in_words(rule: DialRule, syntax: Mapping[str, str]) -> str:
    """One rule; the last ``x`` of a rule that is not final becomes the word for more digits."""
    if rule.is_final:
        return _words(rule.pattern, syntax) + syntax.get("final", "")
    return _words(rule.pattern[:-1], syntax) + syntax.get("more", "x+")


def _words(pattern: str, syntax: Mapping[str, str]) -> str:
    words, inside, before = "", False, ""
    for symbol in pattern:
        if inside and before not in ("[", "-") and symbol not in "-]":
            words += syntax.get("set_join", "")
        inside = symbol == "[" or (inside and symbol != "]")
        words += syntax.get(symbol, symbol)
        before = symbol
    return words
