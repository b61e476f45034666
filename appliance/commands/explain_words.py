"""What ``dozvon explain`` says round an explanation, in RU and EN. PURE. Tables."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

WORDS: Mapping[str, Text] = {
    "from": Text(
        "Звонит {from}, профиль набора {profile}, настройки № {revision}",
        "{from} calls, dial profile {profile}, configuration {revision}",
    ),
    "trunk": Text(
        "Приходит по линии «{trunk}», профиль набора {profile}, настройки № {revision}",
        "Comes in by trunk “{trunk}”, dial profile {profile}, configuration {revision}",
    ),
    "offline": Text(
        "Станция не запущена: считаем, что все телефоны на связи, а все линии исправны",
        "The box is not running: every phone is taken as registered, every trunk as up",
    ),
}

#: Mistakes of whoever asks: keys of UserErrors.
MISTAKES: Mapping[str, Text] = {
    "explain.number_missing": Text(
        "Не сказано, что набрано. Пример: dozvon explain 95551525",
        "Say what is dialled, for example: dozvon explain 95551525",
    ),
    "explain.bad_time": Text(
        "Время «{at}» непонятно. Пишите 10:30 или 2026-03-02T10:30",
        "The time “{at}” is not understood. Write 10:30 or 2026-03-02T10:30",
    ),
    "explain.no_configuration": Text(
        "Настроек ещё нет ({path}). Запустите станцию или: dozvon config apply ФАЙЛ",
        "There are no settings yet ({path}). Start the box, or: dozvon config apply FILE",
    ),
    "explain.no_extension": Text(
        "В настройках нет ни одного внутреннего номера. Скажите, кто звонит: --from или --trunk",
        "The settings have no extension. Say who calls: --from or --trunk",
    ),
}

#: Columns of ``--samples``.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "ru": ("№", "Набор", "Что это", "Номер", "+E.164", "E.164", "8…", "местный"),
    "en": ("No.", "Dialled", "Meaning", "Number", "+E.164", "E.164", "national", "local"),
}
