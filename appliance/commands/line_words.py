"""Words of the commands about lines: headings, kinds, states. PURE. Tables."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.commands.words import word
from appliance.config.texts import Text
from appliance.routing.texts import say_why

LINE_COLUMNS = (
    Text("Линия", "Line"),
    Text("Вид", "Kind"),
    Text("Устройство", "Device"),
    Text("Внутренний", "Extension"),
    Text("Номер", "Number"),
    Text("Состояние", "State"),
    Text("Последний звонивший", "Last caller"),
    Text("Когда", "When"),
    Text("С линии, дБм0", "From it, dBm0"),
    Text("В линию, дБм0", "To it, dBm0"),
)
SMS_COLUMNS = (
    Text("Когда", "When"),
    Text("Линия", "Line"),
    Text("Куда", "Way"),
    Text("Номер", "Number"),
    Text("Текст", "Text"),
)
LINE_KINDS: Mapping[str, Text] = {
    "fxs": Text("телефон", "telephone"),
    "fxo": Text("городская", "city line"),
    "cellular": Text("SIM-карта", "SIM"),
}
#: drivers.events.LineState, and lines that are switched off.
LINE_STATES: Mapping[str, Text] = {
    "disabled": Text("выключена", "disabled"),
    "down": Text("не работает", "down"),
    "starting": Text("запускается", "starting"),
    "idle": Text("свободна", "idle"),
    "ringing": Text("звонит", "ringing"),
    "dialling": Text("набирает", "dialling"),
    "talking": Text("разговор", "talking"),
    "releasing": Text("освобождается", "being released"),
    "off_hook": Text("трубка снята", "off-hook"),
    "fault": Text("неисправна", "out of order"),
}
LINE_WORDS: Mapping[str, Text] = {
    "no_lines": Text(
        "Проводов и SIM-карт нет. Как добавить: docs/lines.md.",
        "There are no wires or SIMs. How to add one: docs/lines.md.",
    ),
    "no_messages": Text("Сообщений нет.", "There are no messages."),
    "sms_sent": Text(
        "Отправлено; номер у сети: {reference}.", "Sent; the network calls it {reference}."
    ),
    "in": Text("сюда", "in"),
    "out": Text("отсюда", "out"),
}


def line_state(state: str, why: str, language: str) -> str:
    """``down: the device did not open``."""
    shown = word(LINE_STATES, state, language)
    return f"{shown}: {say_why(why, language)}" if why else shown
