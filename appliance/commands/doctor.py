"""``dozvon doctor``: examines the box and what is around it; says what is wrong and what to do.

Owns nothing; works while the daemon is down. Exit code 1 when something is at fault, else 0.
"""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.run import port_of
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE, FAILED
from appliance.config.model import Document
from appliance.config.store import ConfigStore
from appliance.doctor.finding import Finding, Level, Patient
from appliance.doctor.registry import examine
from appliance.doctor.texts import CHECK_NAMES, LEVELS, say
from appliance.errors import DozvonError, UserError
from appliance.options import DEFAULT_RTP_PORTS, DEFAULT_SIP_PORT, DEFAULT_WEB_PORT


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``doctor``."""
    parser = subparsers.add_parser("doctor", help="what is wrong around the box, and what to do")
    parser.add_argument("--sip-port", metavar="N", help=f"if it is down ({DEFAULT_SIP_PORT})")
    parser.add_argument("--web-port", metavar="N", help=f"of the web pages ({DEFAULT_WEB_PORT})")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Examine; 1 when there is a fault. Raises UserError ``run.bad_port``."""
    patient = look_at(args)
    found = list(examine(patient))
    language = manner_of(args.data, args.language).language
    if args.json:
        write_json({"findings": [_shown(name, each, language) for name, each in found]}, out)
    else:
        write_lines((_line(name, each, language) for name, each in found), out)
    return FAILED if any(each.level is Level.FAULT for _, each in found) else DONE


def look_at(args: argparse.Namespace) -> Patient:
    """What can be seen of the box; raises UserError ``run.bad_port`` alone."""
    sip_port = port_of("--sip-port", args.sip_port, os.environ, DEFAULT_SIP_PORT)
    web_port = port_of("--web-port", args.web_port, os.environ, DEFAULT_WEB_PORT)
    answers: dict[str, Any] = {}
    why_silent = ""
    try:
        answers["status"] = ask(args, "status")
        for operation in ("trunks", "lines", "registrations"):
            with suppress(UserError):
                answers[operation] = ask(args, operation)
    except UserError as error:  # who does not answer once is not asked again
        why_silent = error.key
    status = answers.get("status", {})
    sip = status.get("sip") or [{"port": sip_port}]
    low, high = status.get("rtp_ports", DEFAULT_RTP_PORTS)
    return Patient(
        data=Path(args.data),
        document=_settings(Path(args.data)),
        answers=answers,
        why_silent=why_silent,
        is_closed=_is_closed(Path(args.data)),
        sip_port=sip[0]["port"],
        web_port=web_port,
        rtp_ports=(low, high),
    )


def _settings(folder: Path) -> Document | None:
    path = folder / "config.db"
    try:
        if not path.exists():
            return None
        store = ConfigStore(path)
        try:
            return None if store.is_damaged else store.load()[1]
        finally:
            store.close()
    except (DozvonError, OSError):
        return None


def _is_closed(folder: Path) -> bool:
    """Whether whoever examines may not look at the files of the box."""
    try:
        (folder / "config.db").stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return not os.access(folder / "config.db", os.R_OK)


def _line(name: str, finding: Finding, language: str) -> str:
    title = CHECK_NAMES[name].of(language)
    return f"{LEVELS[finding.level].of(language)}  {title}: {say(finding, language)}"


def _shown(name: str, finding: Finding, language: str) -> dict[str, Any]:
    return {
        "check": name,
        "level": finding.level.value,
        "key": finding.key,
        "params": dict(finding.params),
        "text": say(finding, language),
    }
