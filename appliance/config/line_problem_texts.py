"""What problems of lines mean and what to do about them, in RU and EN.

PURE. A table beside problem_texts.py; checks/lines.py raises the keys.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.problem_text import Text

LINE_PROBLEM_TEXTS: Mapping[str, Text] = {
    "line.name.is_trunk": Text(
        "«{value}» — уже имя линии оператора: правила не различат их. Переименуйте.",
        "A trunk is called “{value}” already, and rules name both. Rename the line.",
    ),
    "line.device.wrong": Text(
        "«{value}» не адрес устройства. Начните с одного из: {schemes} — и укажите место, "
        "например serial:/dev/ttyACM0.",
        "“{value}” is no device address. Begin with one of: {schemes} and name the place, "
        "such as serial:/dev/ttyACM0.",
    ),
    "line.device.differs": Text(
        "У линии «{line}» это же устройство записано иначе: {value}. Два раза оно не откроется: "
        "напишите у обеих одно и то же.",
        "The line “{line}” has the same device and writes it differently: {value}. It does not "
        "open twice: write both alike.",
    ),
    "line.port.taken": Text(
        "Порт {port} этого устройства занят линией «{line}». Укажите другой порт.",
        "Port {port} of this device is the line “{line}”. Name another port.",
    ),
    "line.busy_tone.wrong": Text(
        "«{value}» не тон отбоя. Напишите герцы (300–700) и миллисекунды звука и паузы (75–1000): "
        "425 200/600, 480+620 250/250 или 400 400/350 225/525 — либо очистите поле.",
        "“{value}” is no busy tone. Write hertz (300-700), then milliseconds on and off (75-1000): "
        "425 200/600, 480+620 250/250 or 400 400/350 225/525; or empty the field.",
    ),
    "line.pin.wrong": Text(
        "PIN-код SIM-карты — от 4 до 8 цифр. Исправьте его.",
        "A SIM's PIN is 4 to 8 digits. Correct it.",
    ),
    "line.extension.needed": Text(
        "У телефона на линии должен быть внутренний номер. Укажите его.",
        "A telephone on a line needs its extension. Name it.",
    ),
    "line.extension.nobody": Text(
        "По вызову с этой линии никто не зазвонит. Укажите внутренний номер.",
        "Nobody rings when this line is called. Name an extension.",
    ),
    "line.field.unused": Text(
        "У линии вида {kind} это поле не действует. Очистите его.",
        "A line of the kind {kind} does not use this field. Empty it.",
    ),
    "line.way.is_phone": Text(
        "«{value}» — телефон, через него в город не выйти. Укажите городской провод или линию "
        "оператора.",
        "“{value}” is a telephone: no call leaves by it. Name a city line or a trunk.",
    ),
    "line.way.announces": Text(
        "Линия «{value}» отвечает сама, и номер никого не вызовет. Уберите у линии "
        "«отвечать самой» или выключите номер.",
        "The line “{value}” answers by itself, so this number rings nobody. Let the line "
        "ring (“answer by itself”), or switch the number off.",
    ),
    "line.announces.whose": Text(
        "Чья голосовая почта отвечает, не сказано. Укажите внутренний номер линии.",
        "Nobody said whose mailbox answers. Name the line's extension.",
    ),
    "line.announces.no_mailbox": Text(
        "У номера {number} нет голосовой почты, сообщения класть некуда. Включите её у номера или "
        "выберите другой ответ.",
        "Extension {number} has no mailbox to keep messages in. Switch it on at the extension, or "
        "choose another answer.",
    ),
}
