"""Sentences of the problems of trunks, in RU and EN: a part of problem_texts.py's table.

PURE. Each says what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.problem_text import Text

TRUNK_PROBLEM_TEXTS: Mapping[str, Text] = {
    "trunk.username.needed": Text(
        "Для регистрации нужно имя пользователя. Возьмите его из договора с оператором.",
        "A registration needs a user name. Take it from the provider's letter.",
    ),
    "trunk.secret.needed": Text(
        "Для регистрации нужен пароль. Возьмите его из договора с оператором.",
        "A registration needs a secret. Take it from the provider's letter.",
    ),
    "trunk.source_addresses.empty": Text(
        "Без адресов оператора входящие вызовы не узнать. Впишите адреса его серверов.",
        "Without the provider's addresses incoming calls are not known. Name its servers.",
    ),
    "trunk.source_addresses.overlap": Text(
        "Адреса те же, что у линии «{trunk}»: входящие не различить. Разделите их.",
        "Trunk “{trunk}” has the same addresses: calls cannot be told apart. Part them.",
    ),
    "trunk.preset.unknown": Text(
        "Шаблон оператора «{value}» неизвестен. Исправьте имя или оставьте поле пустым.",
        "There is no provider preset “{value}”. Correct its name or leave the field empty.",
    ),
}
