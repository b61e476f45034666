"""The commands that every cellular modem of the kit obeys: TS 27.007, TS 27.005, V.250.

A table from what is written behind AT to what is answered; None = a prompt was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.kit.gsm_modem import GsmModem as Modem


def _ok(modem: Modem, found: re.Match[str]) -> list[str]:
    return ["OK"]


def _echo(modem: Modem, found: re.Match[str]) -> list[str]:
    modem.echoes = found.group(1) == "1"
    return ["OK"]


def _pin_state(modem: Modem, found: re.Match[str]) -> list[str]:
    if not modem.sim.is_inserted:
        return ["+CME ERROR: SIM not inserted"]
    return [f"+CPIN: {modem.sim.state}", "OK"]


def _pin(modem: Modem, found: re.Match[str]) -> list[str]:
    sim = modem.sim
    if sim.state != "SIM PIN":
        return ["+CME ERROR: operation not allowed"]
    if found.group(1) != sim.pin:
        sim.tries_left -= 1
        return ["+CME ERROR: incorrect password"]
    sim.tries_left, sim.is_unlocked = 3, True
    modem.later(lambda: modem.tell("+CPIN: READY"), 0.02)
    return ["OK"]


def _needs_sim(
    work: Callable[[Modem, re.Match[str]], list[str] | None],
) -> Callable[[Modem, re.Match[str]], list[str] | None]:
    def guarded(modem: Modem, found: re.Match[str]) -> list[str] | None:
        if not modem.sim.is_inserted or modem.sim.state != "READY":
            return ["+CME ERROR: SIM PIN required"]
        return work(modem, found)

    return guarded


def _calls(modem: Modem, found: re.Match[str]) -> list[str]:
    call = modem.call
    if call is None:
        return ["OK"]
    kind = 145 if call.number.startswith("+") else 129
    return [f'+CLCC: 1,{call.direction},{call.state},0,0,"{call.number}",{kind}', "OK"]


def _read_message(modem: Modem, found: re.Match[str]) -> list[str]:
    pdu = modem.sim.slots.get(int(found.group(1)))
    if pdu is None:
        return ["OK"]  # an empty slot, as both makers answer
    return [f"+CMGR: 0,,{_tpdu_octets(pdu)}", pdu, "OK"]


def _list_messages(modem: Modem, found: re.Match[str]) -> list[str]:
    lines = []
    for slot, pdu in sorted(modem.sim.slots.items()):
        lines += [f"+CMGL: {slot},1,,{_tpdu_octets(pdu)}", pdu]
    return [*lines, "OK"]


def _tpdu_octets(pdu: str) -> int:
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


def _delete_message(modem: Modem, found: re.Match[str]) -> list[str]:
    modem.sim.slots.pop(int(found.group(1)), None)
    return ["OK"]


def _send_message(modem: Modem, found: re.Match[str]) -> None:
    modem.prompt(int(found.group(1)))


def _send_key(modem: Modem, found: re.Match[str]) -> list[str]:
    if modem.call is None or modem.call.state != 0:
        return ["+CME ERROR: operation not allowed"]
    modem.keys_sent += found.group(1)
    return ["OK"]


def _operator(modem: Modem, found: re.Match[str]) -> list[str]:
    if modem.registration not in (1, 5):
        return ["+COPS: 0", "OK"]
    return [f'+COPS: 0,0,"{modem.operator}",7', "OK"]


COMMANDS: dict[str, Callable[[Modem, re.Match[str]], list[str] | None]] = {
    r"E([01])": _echo,
    r"": _ok,
    r"I": lambda m, f: [m.maker, m.model, f"Revision: {m.firmware}", "OK"],
    r"\+CGMI": lambda m, f: [m.maker, "OK"],
    r"\+CGMM": lambda m, f: [m.model, "OK"],
    r"\+CGMR": lambda m, f: [m.firmware, "OK"],
    r"\+CGSN": lambda m, f: ["866758040000017", "OK"],
    r"\+CMEE=2|\+CSSN=1,1|\+CCWA=0,0,1|\+CMGF=0": _ok,
    r"\+CPIN\?": _pin_state,
    r"\+CPIN=(\d+)": _pin,
    r"\+CNUM": _needs_sim(lambda m, f: [f'+CNUM: "","{m.sim.own_number}",145', "OK"]),
    r"\+COPS=3,0|\+CREG=2|\+CEREG=2|\+CLIP=1|\+CNMI=2,1,0,2,0": _needs_sim(_ok),
    r"\+CPMS=.*": _needs_sim(_ok),
    r"\+CREG\?": lambda m, f: [f'+CREG: 2,{m.registration},"1A2B","0102",7', "OK"],
    r"\+CEREG\?": lambda m, f: ["+CEREG: 2,0", "OK"],
    r"\+COPS\?": _needs_sim(_operator),
    r"\+CSQ": lambda m, f: [f"+CSQ: {m.signal},99", "OK"],
    r"\+CLCC": _calls,
    r"\+CMGR=(\d+)": _needs_sim(_read_message),
    r"\+CMGL=4": _needs_sim(_list_messages),
    r"\+CMGD=(\d+)": _needs_sim(_delete_message),
    r"\+CMGS=(\d+)": _needs_sim(_send_message),
    r"\+VTS=([0-9*#A-D])": _send_key,
    r"D([+0-9*#]+)": lambda m, f: m.dial(f.group(1)),
    r"A": lambda m, f: m.take(),
    r"\+CHUP": lambda m, f: m.hang_up(),
}
