"""What an emulated modem answers to AT commands: one method a command, refusals by model.

PURE. The machine gives its state and takes the reply; nothing here knows of octets. A reply is
(lines, result): information lines, then the final word, or an empty result when it comes later.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from tests.kit.v253_line import Line
from tests.kit.v253_models import Model
from tests.kit.v253_stream import Way

Reply = tuple[list[str], str]
OK: Reply = ([], "OK")
ERROR: Reply = ([], "ERROR")
_ONE = re.compile(r"([+#\-*&%\\][A-Z]*|S\d+|[A-Z])(=\?|\?|=[^;]*|[0-9]*)")
_FREE = ("+GCI", "+IFC", "+FLO", "+VCID", "-SCID", "-STE", "+VDR", "+VIT", "+VGT", "+VGR", "+VSD")
_FREE += ("+VRN", "+VRA", "+VPR", "+VCDT", "+VTD", "+VNH", "+VIP", "+IPR")
_SEND_DIGIT_S = 0.1


class Host(Protocol):
    """What the commands act on (v253_machine.Machine)."""

    model: Model
    line: Line
    settings: dict[str, str]

    def begin_stream(self, way: Way) -> str: ...
    def lift(self) -> None: ...
    def hang(self) -> None: ...
    def reset(self) -> None: ...
    def after(self, delay_s: float, action: Callable[[], None]) -> None: ...
    def say(self, *lines: str) -> None: ...
    def play_key(self, key: str, duration_ms: int) -> None: ...


class Commands:
    """The command interpreter of one modem."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def answer(self, text: str) -> Reply:
        """The reply to one line without its AT."""
        lines: list[str] = []
        rest = text.strip().upper().replace(" ", "")
        while rest:
            if rest[0] == ";":
                rest = rest[1:]
                continue
            if rest[0] == "D":
                more, result = self._dial(rest[1:])
                return lines + more, result
            found = _ONE.match(rest)
            if not found or not found.end():
                return [], "ERROR"
            more, result = self._one(found[1], found[2])
            lines += more
            if result != "OK":
                return lines, result
            rest = rest[found.end() :]
        return lines, "OK"

    def _one(self, name: str, argument: str) -> Reply:
        model, whole = self._host.model, name + argument
        if any(whole == refused or name == refused for refused in model.refused):
            return ERROR
        if whole in model.identity or (argument == "?" and name in model.identity):
            return [model.identity[whole if whole in model.identity else name]], "OK"
        handler = _HANDLERS.get(name)
        if handler is not None:
            return handler(self, argument)
        if name in _FREE:
            self._host.settings[name] = argument.removeprefix("=")
            return (["(0-255)"], "OK") if argument == "=?" else OK
        if name.startswith("S") and name[1:].isdigit():
            self._host.settings[name] = argument.removeprefix("=")
            return ([f"{int(argument or 0):03d}"], "OK") if argument == "?" else OK
        return OK if name in ("V", "Q", "X", "M", "L", "&K", "&D", "&C", "I") else ERROR

    def _reset(self, argument: str) -> Reply:
        self._host.reset()
        return OK

    def _echo(self, argument: str) -> Reply:
        self._host.settings["E"] = argument or "0"
        return OK

    def _hook(self, argument: str) -> Reply:
        if argument in ("", "0"):
            self._host.hang()
        else:
            self._host.lift()
        return OK

    def _class(self, argument: str) -> Reply:
        host = self._host
        if argument == "=?":
            return [host.model.classes], "OK"
        if argument == "?":
            return [host.settings["+FCLASS"]], "OK"
        wanted = argument.removeprefix("=")
        if wanted not in host.model.classes.split(","):
            return ERROR
        host.settings["+FCLASS"] = wanted
        if wanted == "0":
            host.hang()
        return OK

    def _method(self, argument: str) -> Reply:
        host = self._host
        if not host.model.has_voice:
            return ERROR
        if argument == "=?":
            return list(host.model.vsm_rows), "OK"
        label = argument.removeprefix("=").split(",")[0]
        rate = [*argument.removeprefix("=").split(","), "8000"][1]
        if host.settings["+FCLASS"] != "8" or not label.isdigit() or rate not in ("8000", ""):
            return ERROR
        if int(label) not in host.model.formats:
            return ERROR
        host.settings["+VSM"] = label
        return OK

    def _select(self, argument: str) -> Reply:
        host = self._host
        if argument == "=?" and host.model.has_voice:
            return list(host.model.vls_rows), "OK"
        label = argument.removeprefix("=")
        if host.settings["+FCLASS"] != "8" or not label.isdigit():
            return ERROR
        if label == "0":
            host.hang()
            return OK
        if label not in ("1", "5", "7"):
            return OK
        if not host.model.refuses_off_hook:
            host.lift()
        return [], host.model.off_hook_reply

    def _stream(self, way: Way, argument: str) -> Reply:
        host = self._host
        if argument == "=?":
            return OK
        if argument or host.settings["+FCLASS"] != "8" or not host.line.is_off_hook:
            return ERROR
        return [], host.begin_stream(way)

    def _duplex(self, argument: str) -> Reply:
        return self._stream(Way.DUPLEX, argument)

    def _transmit(self, argument: str) -> Reply:
        return self._stream(Way.TO_LINE, argument)

    def _receive(self, argument: str) -> Reply:
        return self._stream(Way.FROM_LINE, argument)

    def _buffers(self, argument: str) -> Reply:
        size = self._host.model.buffer_octets
        return ([f"{size},{size},1"], "OK") if argument == "?" else ERROR

    def _tones(self, argument: str) -> Reply:
        at = 0.0
        for digit in re.findall(r"[0-9A-D*#]", re.sub(r",\d+", "", argument.removeprefix("="))):
            self._host.after(at, lambda d=digit: self._host.play_key(d, 90))  # type: ignore[misc]
            at += 2 * _SEND_DIGIT_S
        self._host.after(at, lambda: self._host.say("OK"))
        return [], ""

    def _dial(self, text: str) -> Reply:
        """ATDT, ATDP, flash by '!', W; in class 8 with +VRN=0 it returns after the last digit."""
        host = self._host
        if int(host.settings.get("-STE") or 0) & 1 and host.line.is_extension_up:
            return [], "LINE-IN-USE"
        is_pulse = text.startswith("P") or (host.settings.get("mode") == "P" and text[:1] != "T")
        digits = text.lstrip("TP")
        if digits.rstrip(";") == "!":
            length_ms = int(host.settings.get("S29") or 70) * 10
            host.after(length_ms / 1000, lambda: (host.line.flash(length_ms), host.say("OK")))  # type: ignore[func-returns-value]
            return [], ""
        was_up = host.line.is_off_hook
        host.lift()
        at = 0.1 if was_up else host.line.dial_tone_after_s + 1.0
        if not was_up and not host.line.has_dial_tone and "W" in digits:
            host.after(3.0, lambda: (host.hang(), host.say("NO DIALTONE")))  # type: ignore[func-returns-value]
            return [], ""
        for digit in re.findall(r"[0-9A-D*#]", digits):
            step = (0.1 * (int(digit) or 10) + 0.7) if is_pulse and digit.isdigit() else 0.2
            at += step
            if is_pulse:
                host.after(at, lambda d=digit: host.line.digit(d))  # type: ignore[misc]
            else:
                host.after(at, lambda d=digit: host.play_key(d, 90))  # type: ignore[misc]
        host.after(at + 0.1, lambda: host.say("OK"))
        return [], ""


_HANDLERS: dict[str, Callable[[Commands, str], Reply]] = {
    "Z": Commands._reset,
    "&F": Commands._reset,
    "E": Commands._echo,
    "H": Commands._hook,
    "+FCLASS": Commands._class,
    "+VSM": Commands._method,
    "+VLS": Commands._select,
    "+VTR": Commands._duplex,
    "+VTX": Commands._transmit,
    "+VRX": Commands._receive,
    "+VBQ": Commands._buffers,
    "+VTS": Commands._tones,
}
