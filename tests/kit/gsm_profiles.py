"""What differs between makers, as their manuals have it: a Quectel EC25 and a SIMCom SIM7600."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from tests.kit.gsm_modem import Call, GsmModem


def _ok(modem: GsmModem, found: re.Match[str]) -> list[str]:
    return ["OK"]


class QuectelEc25(GsmModem):
    """Audio on the NMEA port; ccinfo and ^DSCI; ATH works on voice calls only with +CVHU."""

    maker = "Quectel"
    model = "EC25"
    firmware = "EC25EFAR06A06M4G"
    host_octets = 0  # what waits in its PCM buffer
    _was_full = False

    own_commands: ClassVar[dict[str, Callable[..., list[str] | None]]] = {
        r"\+QCCID": lambda m, f: [f"+QCCID: {m.sim.iccid}", "OK"],
        r'\+QPINC="SC"': lambda m, f: [f'+QPINC: "SC",{m.sim.tries_left},10', "OK"],
        r'\+QGPSCFG="OUTPORT","NONE"|\^DSCI=1|\+QTONEDET=1': _ok,
        r'\+QINDCFG="CCINFO",1': _ok,
        r"\+QPCMV=\?": lambda m, f: ["+QPCMV: (0,1),(0-2)", "OK"],
        r"\+QPCMV=1,0": lambda m, f: m.switch_audio(True),
        r"\+QPCMV=0": lambda m, f: m.switch_audio(False),
        r"\+CFUN=1,1": lambda m, f: m.restart(),
    }

    def tell_call(self, call: Call) -> None:
        number = "" if call.is_withheld else call.number
        kind = 145 if number.startswith("+") else 129
        dsci = {-1: 6, 0: 3, 1: 1, 2: 2, 3: 7, 4: 4, 5: 5}[call.state]
        self.tell(f"^DSCI: 1,{call.direction},{dsci},0,{number},{kind}")
        self.tell(f'+QIND: "ccinfo",1,{call.direction},{call.state},0,0,"{number}",{kind}')

    def hear_key(self, digit: str) -> None:
        """The far end presses a key."""
        self.tell(f"+QTONEDET: {ord(digit)}")

    def fill(self, is_full: bool) -> None:
        """Its PCM buffer is full, or has room again."""
        self.tell(f"+QPCMV: {0 if is_full else 1},0")


class Sim7600(GsmModem):
    """Audio on a port of its own, once it is told so in a call; VOICE CALL; +CLCC as news."""

    maker = "SIMCOM INCORPORATED"
    model = "SIMCOM_SIM7600E-H"
    firmware = "LE20B05SIM7600M22"

    own_commands: ClassVar[dict[str, Callable[..., list[str] | None]]] = {
        r"\+CICCID": lambda m, f: [f"+ICCID: {m.sim.iccid}", "OK"],
        r"\+SPIC": lambda m, f: [f"+SPIC: {m.sim.tries_left},10,3,10", "OK"],
        r"\+CLCC=1|\+CVHU=0|\+DDET=1|\+CPCMBANDWIDTH=1,1|\+CPCMFRM=0": _ok,
        r"\+CPCMREG=\?": lambda m, f: ["+CPCMREG: (0-1)", "OK"],
        r"\+CPCMREG=1": lambda m, f: m.switch_audio(True) if m.is_talking else ["ERROR"],
        r"\+CPCMREG=0": lambda m, f: m.switch_audio(False),
        r"\+CGMR": lambda m, f: [f"+CGMR: {m.firmware}", "OK"],
        r"H": lambda m, f: m.hang_up(),
        r"\+CRESET": lambda m, f: m.restart(),
    }

    @property
    def is_talking(self) -> bool:
        return self.call is not None and self.call.state == 0

    def tell_call(self, call: Call) -> None:
        number = "" if call.is_withheld else call.number
        kind = 145 if number.startswith("+") else 129
        state = 6 if call.state < 0 else call.state  # its news has a state that +CLCC does not
        self.tell(f'+CLCC: 1,{call.direction},{state},0,0,"{number}",{kind}')

    def on_connected(self) -> None:
        if not self.faults.forgets_call_news:
            self.tell("VOICE CALL: BEGIN")

    def tell_end(self, call: Call, word: str) -> None:
        self.tell("VOICE CALL: END: 000007")
        self.tell(word)

    def hear_key(self, digit: str) -> None:
        self.tell(f"+RXDTMF: {digit}")
