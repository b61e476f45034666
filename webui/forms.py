"""What a person typed, and what is wrong with it, field by field.

PURE. Problems of the configuration carry paths; ``place`` finds the field of each. What has no
field is shown above the form, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from appliance.config.texts import problem_text, say
from appliance.errors import Problem


@dataclass(slots=True)
class Form:
    """values: as typed, by field; errors and warnings: sentences by field; general: above all."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)

    def value(self, name: str, default: str = "") -> str:
        """What the field holds; the ends of its lines, which a browser sends as CR LF, are LF."""
        return self.values.get(name, default).replace("\r\n", "\n")

    def add(self, name: str, text: str) -> None:
        """One more thing wrong with a field."""
        self.errors.setdefault(name, []).append(text)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors and not self.general

    def place(
        self,
        problems: Iterable[Problem],
        field_of: Callable[[str], str] | Mapping[str, str],
        language: str,
    ) -> None:
        """Put each problem beside its field.

        field_of: the name of the field that a path belongs to, or an empty text.
        """
        find = field_of if callable(field_of) else lambda path: field_of.get(path, "")
        for problem in problems:
            name = find(problem.path)
            if not name and problem.is_warning:
                continue
            if not name:
                self.general.append(problem_text(problem, language))
                continue
            target = self.warnings if problem.is_warning else self.errors
            text = say(problem.key, problem.params, language)
            if text not in target.setdefault(name, []):
                target[name].append(text)
