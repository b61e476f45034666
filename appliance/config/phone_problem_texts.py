"""Sentences of the problems of phones, in RU and EN: a part of problem_texts.py's table.

PURE. Each says what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.problem_text import Text

PHONE_PROBLEM_TEXTS: Mapping[str, Text] = {
    "mac.wrong": Text(
        "«{value}» — не MAC-адрес телефона. Впишите двенадцать цифр с наклейки строчными буквами "
        "без разделителей, например 805ec0a1b2c3.",
        "“{value}” is not a phone's MAC address. Write the twelve digits of its label in lower "
        "case without separators, such as 805ec0a1b2c3.",
    ),
    "url.wrong": Text(
        "«{value}» — не ссылка. Впишите адрес, который начинается с http://, https:// или tftp://.",
        "“{value}” is not a link. Write an address that begins with http://, https:// or tftp://.",
    ),
    "phone.key.empty": Text(
        "Клавише вида {kind} нужно значение: номер, код или ссылка.",
        "A key of the kind {kind} needs a value: a number, a code or a link.",
    ),
    "phone.key.no_account": Text(
        "У телефона нет номера {value} по порядку: у него их {count}. Исправьте поле "
        "«Какой из номеров» или добавьте телефону номер.",
        "The phone has no extension number {value} in its list: it has {count}. Correct "
        "“Which number”, or add an extension to the phone.",
    ),
    "phone.value.unprintable": Text(
        "Есть знаки, которых телефон не прочтёт (перевод строки, управляющие). Удалите их.",
        "There are characters that no phone can read (line breaks, controls). Remove them.",
    ),
    "phone.value.outer_blanks": Text(
        "Пробел в начале или в конце: телефон его потеряет. Удалите его.",
        "A blank at the beginning or the end: the phone would lose it. Remove it.",
    ),
    "phone.value.too_long": Text(
        "Слишком длинно для телефона: {length} знаков при пределе {longest}. Сократите.",
        "Too long for a phone: {length} characters where {longest} are the limit. Shorten it.",
    ),
    "phone.value.reserved": Text(
        "«{value}» телефоны читают как команду сброса. Уберите это слово.",
        "Phones read “{value}” as a command to reset. Remove this word.",
    ),
    "phone.value.forbidden": Text(
        "Этот телефон не может принять знаки: {letters}. Замените их: например, кавычки "
        "на «ёлочки».",
        "This phone cannot be told these characters: {letters}. Replace them: quotation marks, "
        "for example, by “these”.",
    ),
}
