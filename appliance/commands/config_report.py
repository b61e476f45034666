"""How ``dozvon config`` tells its outcome: lines for a person, one JSON object for a program.

Owns the output of one command. With ``--json`` every line of words is left out and what was ``put``
is printed at the end, together with problems, warnings, changes and the exit code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from appliance.commands.config_words import WORDS
from appliance.commands.texts import say
from appliance.config.diff import Change, describe
from appliance.config.texts import problem_text
from appliance.config.validate import refusals, warnings
from appliance.errors import Problem, UserError


class Report:
    """The outcome of one command, in one language."""

    def __init__(self, out: TextIO, language: str, *, is_json: bool) -> None:
        self._out = out
        self._language = language
        self._is_json = is_json
        self._is_raw = False
        self._data: dict[str, Any] = {}

    def put(self, name: str, value: Any) -> None:
        """Note a fact for programs."""
        self._data[name] = value

    def line(self, text: str) -> None:
        """Print a line for a person."""
        if not self._is_json:
            self._out.write(f"{text}\n")

    def word(self, key: str, **params: object) -> str:
        """A text of config_words.py, filled."""
        return WORDS[key].of(self._language).format(**params)

    def say(self, key: str, **params: object) -> None:
        """Print a text of config_words.py."""
        self.line(self.word(key, **params))

    def write(self, text: str) -> None:
        """Write a file's text as it is, whatever the output is for."""
        self._is_raw = True
        self._out.write(text)

    def text_of(self, error: UserError) -> str:
        """The text of an error; its key when there is none."""
        return say(error.key, error.params, self._language).rstrip(".")

    def change_text(self, change: Change) -> str:
        """A change as one line."""
        return describe(change, self._language)

    def changes(self, found: Iterable[Change]) -> None:
        """Tell what changes."""
        found = tuple(found)
        rows = [{"path": c.path, "before": c.before, "after": c.after} for c in found]
        self.put("changes", rows)
        self.say("changes", count=len(found))
        for change in found:
            self.line(f"  {self.change_text(change)}")

    def warnings(self, problems: Iterable[Problem]) -> None:
        """Tell warnings."""
        problems = tuple(problems)
        self.put("warnings", [*self._data.get("warnings", []), *map(self._problem_row, problems)])
        for problem in problems:
            self.line(self.word("warning") + problem_text(problem, self._language))

    def refused(self, problems: tuple[Problem, ...]) -> None:
        """Tell every problem of a refused document, then its warnings."""
        errors = refusals(problems)
        self.put("problems", [self._problem_row(p) for p in errors])
        for problem in errors:
            self.line(self.word("error") + problem_text(problem, self._language))
        self.warnings(warnings(problems))
        self.say("refused", count=len(errors))

    def failed(self, error: UserError) -> None:
        """Tell why nothing was done."""
        params = {name: str(value) for name, value in error.params.items()}
        text = say(error.key, error.params, self._language)
        self.put("error", {"key": error.key, "params": params, "text": text})
        self.line(self.word("error") + text)

    def finish(self, code: int) -> int:
        """Print the object for programs, where one was asked for; gives the code back."""
        if self._is_json and not self._is_raw:
            data = {"ok": code == 0, "exit_code": code, **self._data}
            self._out.write(json.dumps(data, ensure_ascii=False) + "\n")
        return code

    def _problem_row(self, problem: Problem) -> dict[str, Any]:
        return {
            "key": problem.key,
            "path": problem.path,
            "params": problem.params,
            "text": problem_text(problem, self._language),
        }
