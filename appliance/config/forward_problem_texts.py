"""The sentences of problems of forwarding.

PURE table, a part of problem_texts.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.problem_text import Text

FORWARD_PROBLEM_TEXTS: Mapping[str, Text] = {
    "forward.wrong": Text(
        "«{value}» — не внутренний номер и не городской. Городской пишут с плюсом и кодом страны: "
        "+74951234567.",
        "“{value}” is neither an extension nor an outside number. Write an outside number with "
        "plus and country code: +74951234567.",
    ),
    "forward.unknown": Text(
        "Внутреннего номера {value} нет. Выберите другой; городской пишут с плюсом и кодом страны.",
        "There is no extension {value}. Choose another one; an outside number is written with plus "
        "and country code.",
    ),
    "forward.to_itself": Text(
        "Номер {number} переадресует сам на себя ({value}). Выберите другой номер.",
        "{number} forwards to itself ({value}). Choose another number.",
    ),
    "forward.no_mailbox": Text(
        "У номера {number} нет голосовой почты. Включите её или выберите другой номер.",
        "{number} has no voicemail. Switch it on, or choose another number.",
    ),
    "voicemail.pin.wrong": Text(
        "PIN голосовой почты — от 4 до 8 цифр.",
        "The PIN of voicemail has 4 to 8 digits.",
    ),
    "voicemail.pin.guessable": Text(
        "Этот PIN угадают: в нём одна цифра, цифры подряд или сам номер. Выберите другой.",
        "This PIN would be guessed: it is one digit, digits in a row, or the number itself. Choose "
        "another one.",
    ),
    "forward.circle": Text(
        "Переадресация ходит по кругу: {circle}. Ни один вызов не зазвонит; разорвите круг.",
        "Forwarding goes in a circle: {circle}. No call would ever ring; break the circle.",
    ),
}
