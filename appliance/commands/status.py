"""``dozvon status``: how the box is, at a glance. Owns nothing; asks the running daemon."""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import Manner, manner_of
from appliance.commands.table import clean, duration, moment, pair_lines
from appliance.commands.texts import DONE
from appliance.commands.words import FIELDS, WORDS, alert_detail, alert_text, trunk_text


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``status``."""
    subparsers.add_parser("status", help="how the box is: version, calls, phones, trunks, alerts")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show it; 0. Raises UserError."""
    answer = ask(args, "status")
    if args.json:
        write_json(answer, out)
    else:
        manner = manner_of(args.data, args.language or answer["language"])
        write_lines(_lines(answer, manner), out)
    return DONE


def _lines(answer: dict[str, Any], manner: Manner) -> list[str]:
    language = manner.language
    listening = (f"{s['transport']} {_address(s['host'])}:{s['port']}" for s in answer["sip"])
    trunks = (
        f"{t['name']} ({trunk_text(t['state'], t['why'], language)})" for t in answer["trunks"]
    )
    values = {
        "version": answer["version"],
        "site": answer["site"],
        "revision": answer["revision"],
        "started": moment(answer["started_at"], manner.zone),
        "uptime": duration(answer["uptime_s"]),
        "sip": ", ".join(listening),
        "rtp": "{}-{}".format(*answer["rtp_ports"]),
        "calls": answer["calls"],
        "registrations": answer["registrations"],
        "extensions": answer["extensions"],
        "lamps": answer["alive"]["subscriptions"],
        "trunks": ", ".join(trunks),
    }
    lines = pair_lines(((FIELDS[name], value) for name, value in values.items()), language)
    if answer["alerts"]:
        lines.append(WORDS["alerts"].of(language))
        lines += [_alert_line(alert, manner) for alert in answer["alerts"]]
    return lines


def _address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _alert_line(alert: dict[str, Any], manner: Manner) -> str:
    times = f" (x{alert['count']})" if alert["count"] > 1 else ""
    text = alert_text(alert["key"], manner.language)
    detail = clean(alert_detail(alert["key"], str(alert["detail"]), manner.language))
    return f"  {moment(alert['at'], manner.zone)}  {text}: {detail}{times}"
