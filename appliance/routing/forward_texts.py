"""Reasons of calls that an extension sends on.

PURE table: key -> (Russian, English), a part of routing/texts.py.
"""

from __future__ import annotations

from collections.abc import Mapping

FORWARD_REASONS: Mapping[str, tuple[str, str]] = {
    "meaning.forward_always": (
        "{digits} — переадресация всех своих вызовов",
        "{digits} forwards all one's calls",
    ),
    "meaning.forward_busy": (
        "{digits} — переадресация своих вызовов, если занято",
        "{digits} forwards one's calls when busy",
    ),
    "meaning.forward_no_answer": (
        "{digits} — переадресация своих вызовов, если не отвечают",
        "{digits} forwards one's calls that nobody answers",
    ),
    "meaning.forward_offline": (
        "{digits} — переадресация своих вызовов, если нет телефона",
        "{digits} forwards one's calls while no phone is there",
    ),
    "meaning.forward_end": (
        "{digits} — отмена всей своей переадресации",
        "{digits} ends all one's forwarding",
    ),
    "meaning.forward_busy_end": (
        "{digits} — отмена переадресации, если занято",
        "{digits} ends one's forwarding when busy",
    ),
    "meaning.forward_no_answer_end": (
        "{digits} — отмена переадресации, если не отвечают",
        "{digits} ends one's forwarding when nobody answers",
    ),
    "meaning.forward_offline_end": (
        "{digits} — отмена переадресации, если нет телефона",
        "{digits} ends one's forwarding while no phone is there",
    ),
    "forward.sets": (
        "Номер {extension} переадресует свои вызовы на {target}",
        "Extension {extension} sets forwarding of its calls to {target}",
    ),
    "forward.ends": (
        "Номер {extension} отменяет переадресацию",
        "Extension {extension} ends its forwarding",
    ),
    "forward.always": (
        "Номер {extension} переадресует все вызовы на {target}",
        "Extension {extension} forwards all calls to {target}",
    ),
    "forward.busy": (
        "Номер {extension} занят: вызов уходит на {target}",
        "Extension {extension} is busy: the call goes on to {target}",
    ),
    "forward.no_answer": (
        "На номере {extension} не ответили: вызов уходит на {target}",
        "Nobody answers at {extension}: the call goes on to {target}",
    ),
    "forward.offline": (
        "Телефоны номера {extension} не на связи: вызов уходит на {target}",
        "No phone of {extension} can be reached: the call goes on to {target}",
    ),
    "forward.if_busy": (
        "Если номер {extension} занят, вызов уйдёт на {target}",
        "If {extension} is busy, the call will go on to {target}",
    ),
    "forward.if_no_answer": (
        "Если на номере {extension} не ответят, вызов уйдёт на {target}",
        "If nobody answers at {extension}, the call will go on to {target}",
    ),
    "forward.if_offline": (
        "Если телефоны номера {extension} не отзовутся, вызов уйдёт на {target}",
        "If no phone of {extension} responds, the call will go on to {target}",
    ),
    "meaning.voicemail": (
        "{digits} — своя голосовая почта",
        "{digits} is one's own voicemail",
    ),
    "voicemail.listens": (
        "Номер {extension} слушает свою голосовую почту",
        "Extension {extension} listens to its voicemail",
    ),
    "voicemail.none": (
        "У номера {extension} нет голосовой почты",
        "Extension {extension} has no voicemail",
    ),
    "voicemail.always": (
        "Номер {extension} отдаёт все вызовы голосовой почте номера {mailbox}",
        "Extension {extension} leaves all calls to the voicemail of {mailbox}",
    ),
    "voicemail.busy": (
        "Номер {extension} занят: отвечает голосовая почта номера {mailbox}",
        "Extension {extension} is busy: the voicemail of {mailbox} answers",
    ),
    "voicemail.no_answer": (
        "На номере {extension} не ответили: отвечает голосовая почта номера {mailbox}",
        "Nobody answers at {extension}: the voicemail of {mailbox} answers",
    ),
    "voicemail.offline": (
        "Телефоны номера {extension} не на связи: отвечает голосовая почта номера {mailbox}",
        "No phone of {extension} can be reached: the voicemail of {mailbox} answers",
    ),
    "voicemail.refused": (
        "Номер {extension} вызов не принял: отвечает голосовая почта номера {mailbox}",
        "Extension {extension} did not take the call: the voicemail of {mailbox} answers",
    ),
    "voicemail.beyond": (
        "Там, куда номер {extension} отправил вызов, не ответили: отвечает голосовая почта номера"
        " {mailbox}",
        "Nobody can be had where {extension} sent the call: the voicemail of {mailbox} answers",
    ),
    "voicemail.if_unanswered": (
        "Если на номере {extension} не ответят, примет голосовая почта номера {mailbox}",
        "If nobody can be had at {extension}, the voicemail of {mailbox} answers",
    ),
    "forward.circle": (
        "Переадресация на {target} вернула бы вызов назад: дальше он не идёт",
        "Forwarding to {target} would lead back: the call goes no further",
    ),
    "forward.too_many": (
        "Вызов переадресован уже {times} раз: на {target} он не уходит",
        "The call was forwarded {times} times already: it does not go on to {target}",
    ),
    "forward.no_target": (
        "На {target} переадресовать нельзя: такого номера нет, он свой, экстренный или код",
        "Calls cannot be forwarded to {target}: no such number, one's own, an emergency number or "
        "a code",
    ),
}
