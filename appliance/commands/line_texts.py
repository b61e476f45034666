"""What went wrong with a line or a message, and what to do, in RU and EN.

PURE. A table beside texts.py; lines/desk.py and the commands raise the keys.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

LINE_ERRORS: Mapping[str, Text] = {
    "line.which": Text(
        "Непонятно, какую линию или что с ней делать. См.: dozvon lines --help.",
        "It is not clear which line, or what to do with it. See: dozvon lines --help.",
    ),
    "line.unknown": Text(
        "Линии «{line}» нет. Список: dozvon lines.",
        "There is no line “{line}”. See: dozvon lines.",
    ),
    "line.not_open": Text(
        "Линия «{line}» сейчас не работает. Почему: dozvon lines.",
        "The line “{line}” does not work now. Why: dozvon lines.",
    ),
    "line.not_flashed": Text(
        "Флеш на линию «{line}» не подан: {reason}.",
        "The line “{line}” was not flashed: {reason}.",
    ),
    "line.not_simulated": Text(
        "Линия «{line}» настоящая: трубку снимают рукой. Так играют лишь устройствами sim:.",
        "The line “{line}” is real: it is lifted by hand. Only devices of sim: are played so.",
    ),
    "line.wrong_kind": Text(
        "У линии «{line}» этого не сделать: снимают и набирают телефон, звонят с городской линии.",
        "The line “{line}” cannot do that: telephones are lifted and dialled, city lines ring.",
    ),
    "line.bad_digits": Text(
        "«{digits}» не набрать: есть цифры, *, # и A–D. Исправьте.",
        "“{digits}” cannot be dialled: there are digits, *, # and A–D. Correct it.",
    ),
    "line.off_hook": Text(
        "Трубка на «{line}» уже снята. Положите её или набирайте.",
        "The handset of “{line}” is lifted already. Put it down, or dial.",
    ),
    "line.on_hook": Text(
        "Трубка на «{line}» лежит. Сначала снимите её: dozvon lines lift {line}.",
        "The handset of “{line}” is down. Lift it first: dozvon lines lift {line}.",
    ),
    "line.busy": Text(
        "Линия «{line}» занята. Подождите, пока освободится.",
        "The line “{line}” is busy. Wait until it is free.",
    ),
    "line.idle": Text(
        "На линии «{line}» никого нет. Сначала позвоните: dozvon lines ring {line}.",
        "Nobody is on the line “{line}”. Call first: dozvon lines ring {line}.",
    ),
    "doctor.wrong_kind": Text(
        "Линия «{line}» не городская, а доктор смотрит только такие (fxo).",
        "“{line}” is no city line, and the doctor looks at those (fxo) alone. Name another.",
    ),
    "doctor.emergency": Text(
        "{number} — номер экстренной службы, для проверки по нему не звонят. Назовите другой.",
        "{number} is an emergency number and is not called for a check. Name another.",
    ),
    "doctor.failed": Text(
        "Линию «{line}» не удалось проверить ({reason}). Положите трубки и повторите.",
        "The line “{line}” could not be examined ({reason}). End its calls and try again.",
    ),
    "sms.which": Text(
        "Нужны линия, номер и текст: dozvon sms send ЛИНИЯ НОМЕР ТЕКСТ.",
        "Line, number and text are needed: dozvon sms send LINE NUMBER TEXT.",
    ),
    "sms.bad_number": Text(
        "«{number}» не номер. Напишите цифры, можно с плюсом: +79101234567.",
        "“{number}” is no number. Write digits, with a plus if you like: +12125551525.",
    ),
    "sms.bad_text": Text(
        "Текст пуст, длиннее {longest} знаков или не читается. Исправьте.",
        "The text is empty, longer than {longest} characters or cannot be read. Correct it.",
    ),
    "sms.unsupported": Text(
        "Линия «{line}» не передаёт сообщений. Возьмите линию с SIM-картой.",
        "The line “{line}” carries no messages. Take a line with a SIM.",
    ),
    "sms.not_sent": Text(
        "Линия «{line}» не отправила сообщение ({reason}). Проверьте сеть и баланс SIM-карты.",
        "The line “{line}” did not send the message ({reason}). Check network and balance.",
    ),
}
