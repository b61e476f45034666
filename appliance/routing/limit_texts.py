"""The money guard's words in Russian and English: why a call is too much, and its alerts.

PURE tables, part of texts.py's. An alert says what to do; its detail is the extension and the
limit, ``2001 (60)``.
"""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, tuple[str, str]]  # key -> (Russian, English)

LIMIT_REASONS: Texts = {
    "limit.calls": (
        "У номера {extension} уже {spent} платных вызовов одновременно при пределе {limit}",
        "Extension {extension} already has {spent} paid calls at a time, its limit is {limit}",
    ),
    "limit.calls_per_hour": (
        "Номер {extension} сделал за час {spent} платных вызовов при пределе {limit}",
        "Extension {extension} made {spent} paid calls within the hour, its limit is {limit}",
    ),
    "limit.minutes_per_day": (
        "Номер {extension} проговорил сегодня {spent} платных минут при пределе {limit}",
        "Extension {extension} talked {spent} paid minutes today, its limit is {limit}",
    ),
    "limit.box_calls_per_hour": (
        "Вся станция сделала за час {spent} платных вызовов при пределе {limit}",
        "The whole box made {spent} paid calls within the hour, its limit is {limit}",
    ),
    "limit.longest": (
        "Платный вызов номера {extension} продлится не дольше {minutes} мин",
        "A paid call of {extension} lasts {minutes} min at most",
    ),
}

LIMIT_ALERTS: Texts = {
    "limit_paid_calls": (
        "Предел одновременных платных вызовов номера. Если это не его владелец — смените пароль "
        "номера; если предел мал — max_paid_calls",
        "An extension's limit of paid calls at a time. If it is not its owner, change its secret; "
        "if the limit is too low, see max_paid_calls",
    ),
    "limit_paid_calls_per_hour": (
        "Предел платных вызовов номера за час. Если это не его владелец — смените пароль номера; "
        "если предел мал — max_paid_calls_per_hour",
        "An extension's limit of paid calls an hour. If it is not its owner, change its secret; "
        "if the limit is too low, see max_paid_calls_per_hour",
    ),
    "limit_paid_minutes_per_day": (
        "Предел платных минут номера за день. Если это не его владелец — смените пароль номера; "
        "если предел мал — max_paid_minutes_per_day",
        "An extension's limit of paid minutes a day. If it is not its owner, change its secret; "
        "if the limit is too low, see max_paid_minutes_per_day",
    ),
    "limit_call_minutes": (
        "Платный вызов завершён по пределу длины. Если разговоры бывают длиннее — max_call_minutes",
        "A paid call was ended by the limit of its length. If calls last longer, see "
        "max_call_minutes",
    ),
    "limit_box_calls_per_hour": (
        "Предел платных вызовов всей станции за час: посмотрите dozvon spending, кто звонит; если "
        "предел мал — site.max_paid_calls_per_hour",
        "The whole box's limit of paid calls an hour: see who calls with dozvon spending; if the "
        "limit is too low, see site.max_paid_calls_per_hour",
    ),
}
