"""``dozvon selftest``: a telephone that nobody here wrote calls the box and measures what it hears.

Owns the test for its length: a hidden extension is asked of the daemon, a pyVoIP process calls the
echo test as it, and the extension is given back. Exit code 0 only when all was well.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE, FAILED
from appliance.config.texts import Text
from appliance.errors import UserError
from appliance.selftest.running import Life, live
from appliance.selftest.verdict import Verdict, judge

_STEPS = {
    "registered": Text("телефон зарегистрировался", "the telephone registered"),
    "answered": Text("эхо-тест ответил", "the echo test answered"),
    "echo": Text("телефон слышит себя", "the telephone hears itself"),
    "measured": Text("измерено", "measured"),
}
_SOUND = Text(
    " потеряно {loss:.0f} %, задержка {delay:.0f} мс, громкость {level:+.1f} дБ, {hz:.0f} Гц",
    " lost {loss:.0f} %, delay {delay:.0f} ms, level {level:+.1f} dB, {hz:.0f} Hz",
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``selftest``."""
    subparsers.add_parser("selftest", help="call the box with a telephone of its own, and listen")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Test; 0 when the box works, 1 when not. Raises UserError."""
    life, verdict = test(args)
    language = manner_of(args.data, args.language).language
    if args.json:
        write_json(_shown(life, verdict, language), out)
    else:
        write_lines(_lines(life, verdict, language), out)
    return DONE if verdict.is_ok else FAILED


def test(args: argparse.Namespace) -> tuple[Life, Verdict]:
    """One self-test from the hidden extension's begin to its end. Raises UserError."""
    account = ask(args, "selftest_begin")
    try:
        if not account["echo_code"]:
            return Life((), "done"), Verdict("echo_off")
        life = live(account | {"code": account["echo_code"]})
        return life, judge(life)
    finally:
        with suppress(UserError):
            ask(args, "selftest_end")


def _lines(life: Life, verdict: Verdict, language: str) -> list[str]:
    lines = [
        ("+ " if life.event(name) else "- ") + text.of(language) for name, text in _STEPS.items()
    ]
    if verdict.measured is not None:
        measured = verdict.measured
        lines[-1] += ":" + _SOUND.of(language).format(
            loss=measured.loss * 100,
            delay=measured.delay_ms,
            level=measured.level_dbfs - measured.sent_dbfs,
            hz=measured.frequency_hz,
        )
    return [*lines, verdict.text(language)]


def _shown(life: Life, verdict: Verdict, language: str) -> dict[str, Any]:
    return {
        "ok": verdict.is_ok,
        "key": verdict.key,
        "text": verdict.text(language),
        "measured": asdict(verdict.measured) if verdict.measured else None,
        "events": list(life.events),
        "ending": life.ending,
    }
