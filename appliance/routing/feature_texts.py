"""Reasons of feature codes, of places taken by Replaces and of the keys of trunks and lines.

PURE table: key -> (Russian, English), a part of routing/texts.py.
"""

from __future__ import annotations

from collections.abc import Mapping

FEATURE_REASONS: Mapping[str, tuple[str, str]] = {
    "meaning.way": (
        "Нажата клавиша линии «{trunk}»",
        "The key of trunk or line “{trunk}” was pressed",
    ),
    "way.chosen": (
        "Следующий звонок этого номера в ближайшие 30 с пойдёт по линии «{trunk}»",
        "The extension's next call within 30 s goes by “{trunk}”",
    ),
    "way.as_chosen": (
        "Линия «{trunk}» выбрана клавишей: других не пробуем",
        "“{trunk}” was chosen by its key: no other is tried",
    ),
    "way.chosen_elsewhere": (
        "Клавишей выбрана линия «{trunk}», но правило её не допускает: идём как обычно",
        "“{trunk}” was chosen by its key, but this rule has no such way: as usual",
    ),
    "feature.address": ("Станция говорит свой адрес", "The box speaks its address"),
    "feature.echo": (
        "Проверка: собеседник слышит сам себя",
        "Echo test: the caller hears himself",
    ),
    "pickup.takes": (
        "Перехвачен вызов, который звонит на {extension}",
        "Takes the call that rings at {extension}",
    ),
    "replace.own": (
        "Разговор номера {extension} продолжается на другом его телефоне",
        "Extension {extension} goes on with its call at another of its phones",
    ),
    "replace.not_own": (
        "Разговор принадлежит номеру {extension}: забрать его может только он сам",
        "The call is extension {extension}'s: nobody else may take it over",
    ),
    "replace.no_pickup": (
        "Перехватывать вызовы номера {extension} этому телефону не разрешено",
        "This phone may not pick up calls of extension {extension}",
    ),
    "pickup.nothing": (
        "В группе «{group}» сейчас ничего не звонит",
        "Nothing rings in group “{group}” now",
    ),
    "pickup.nothing_at": (
        "На номере {extension} сейчас ничего не звонит",
        "Nothing rings at extension {extension} now",
    ),
    "pickup.nothing_by": (
        "По линии «{trunk}» сейчас ничего не звонит",
        "Nothing rings by “{trunk}” now",
    ),
    "pickup.no_group": (
        "Номер {extension} не входит в группу перехвата",
        "Extension {extension} belongs to no pickup group",
    ),
}
