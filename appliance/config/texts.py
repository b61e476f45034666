"""What a person reads of a problem: the place and the sentence, in RU or EN.

PURE. A key without a text shows itself, so that nothing is ever hidden. The sentences are in
problem_texts.py, names and meanings of fields in field_table.py. A ``hint`` among the params
becomes a sentence of its own and vanishes when it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from appliance.config.field_texts import COLLECTION_TEXTS, field_label
from appliance.config.problem_texts import TEXTS, Text
from appliance.errors import Problem

__all__ = ["TEXTS", "Text", "place_text", "problem_text", "say"]


_PATH_PART = re.compile(r"(\w+)(?:\[([^\]]*)\])?")
_HINTS = Text(" Возможно, имелось в виду «{hint}»?", " Did you mean “{hint}”?")


def say(key: str, params: Mapping[str, object], language: str) -> str:
    """The text of a key with its params; a key that has no text is shown with its params."""
    text = TEXTS.get(key)
    if text is None:
        return f"{key} {dict(params)}" if params else key
    filled = text.of(language).format_map(_Params(params))
    hint = params.get("hint")
    return filled + _HINTS.of(language).format(hint=hint) if hint else filled


def problem_text(problem: Problem, language: str) -> str:
    """Where the problem is and what it is, as one line: ``Extension 2001, Number: …``."""
    place = place_text(problem.path, language)
    if line := problem.params.get("line"):
        word = "строка" if language == "ru" else "line"
        place = f"{place} ({word} {line})" if place else f"{word} {line}"
    text = say(problem.key, problem.params, language)
    return f"{place}: {text}" if place else text


def place_text(path: str, language: str) -> str:
    """A path in words: ``extensions[2001].number`` is ``Extension 2001, Number``."""
    words: list[str] = []
    owner = ""
    for name, item in _PATH_PART.findall(path):
        if not owner and name in COLLECTION_TEXTS:
            title = COLLECTION_TEXTS[name].of(language, is_plural=not item)
            words.append(f"{title} {item}".strip())
        else:
            label = field_label(owner, name, language)
            words.append(f"{label} {item}".strip())
        owner = name
    return ", ".join(words)


class _Params(dict[str, object]):
    """Params of a text: one that is missing shows its name instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
