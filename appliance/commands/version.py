"""``dozvon version``: which version this is. Owns nothing."""

from __future__ import annotations

import argparse
import platform
from typing import TextIO

from appliance import __version__
from appliance.commands.asking import write_json, write_lines


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``version``."""
    subparsers.add_parser("version", help="which version this is")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Print it; always 0."""
    python = platform.python_version()
    if args.json:
        write_json({"version": __version__, "python": python}, out)
    else:
        write_lines([f"Dozvon {__version__} (Python {python})"], out)
    return 0
