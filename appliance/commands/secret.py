"""``dozvon secret [NUMBERS…]``: secrets that nobody guesses, ready to be pasted into the settings.

Owns nothing and keeps nothing: what it prints is nowhere else. Needs no daemon.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Iterator
from typing import TextIO

from appliance.commands.asking import write_json, write_lines
from appliance.commands.texts import DONE
from appliance.config.strong_secret import make_secret
from appliance.errors import UserError

MOST_AT_ONCE = 1000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``secret``."""
    parser = subparsers.add_parser("secret", help="make secrets for phones that nobody guesses")
    parser.add_argument(
        "numbers", nargs="*", metavar="NUMBERS", help="extensions, or ranges such as 2001-2020"
    )


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Print one secret, or one for each number as YAML of the settings; 0.

    Raises UserError ``secret.bad_range`` for what is no number and no range of at most 1,000.
    """
    numbers = [number for words in args.numbers for number in _numbers(words)]
    if len(numbers) > MOST_AT_ONCE:
        raise UserError("secret.bad_range", range=" ".join(args.numbers), most=str(MOST_AT_ONCE))
    made = {number: make_secret(secrets.choice, number) for number in numbers or [""]}
    if args.json:
        write_json({"secrets": [{"number": n, "secret": s} for n, s in made.items()]}, out)
    elif numbers:
        rows = (f'  - {{number: "{n}", secret: "{s}"}}' for n, s in made.items())
        write_lines(["extensions:", *rows], out)
    else:
        write_lines(made.values(), out)
    return DONE


def _numbers(words: str) -> Iterator[str]:
    """``2001`` as it is, ``2001-2020`` one by one, with the zeros that stand in front."""
    first, dash, last = words.partition("-")
    last = last if dash else first
    is_sound = all(part.isascii() and part.isdigit() and len(part) <= 8 for part in (first, last))
    if not is_sound or not 0 <= int(last) - int(first) < MOST_AT_ONCE:
        raise UserError("secret.bad_range", range=words, most=str(MOST_AT_ONCE))
    for number in range(int(first), int(last) + 1):
        yield str(number).zfill(len(first))
