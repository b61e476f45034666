"""What routing says of who calls, phones without a number among them: a part of texts.py's table.

PURE.
"""

from __future__ import annotations

from collections.abc import Mapping

CALLER_REASONS: Mapping[str, tuple[str, str]] = {
    "caller.unknown": (
        "Звонящий не назвал ни внутренний номер, ни линию: отказ",
        "The caller is neither an extension nor a trunk: refused",
    ),
    "caller.missing": (
        "Внутреннего номера {extension} нет: звонить с него нельзя",
        "There is no extension {extension}: nobody can call from it",
    ),
    "caller.disabled": (
        "Внутренний номер {extension} выключен: с него можно звонить только в экстренные службы",
        "Extension {extension} is switched off: it may call emergency services only",
    ),
    "caller.limit": (
        "У номера {extension} уже {calls} разговоров при пределе {limit}",
        "Extension {extension} already has {calls} calls, its limit is {limit}",
    ),
    "caller.on_behalf": (
        "Вызов переадресован номером {extension}: действуют его класс и его пределы",
        "Forwarded by {extension}: its class and its limits hold",
    ),
    "caller.trunk": (
        "Вызов пришёл по линии «{trunk}» на номер «{dialled}»",
        "The call came in by trunk “{trunk}” for “{dialled}”",
    ),
    "claim.code": (
        "Телефон без номера набрал код привязки",
        "A phone without a number has dialled a claim code",
    ),
    "claim.key": (
        "На новом телефоне нажата кнопка «Получить номер»",
        "The key “Get the number” was pressed on a new phone",
    ),
    "claim.only_codes": (
        "Телефон без номера набрал {dialled}: ему доступны только код привязки и экстренные номера",
        "A phone without a number has dialled {dialled}: it may dial a claim code and emergency "
        "numbers only",
    ),
}
