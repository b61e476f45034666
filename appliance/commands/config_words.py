"""What ``dozvon config`` says to a person, in RU and EN. PURE. A table."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

WORDS: Mapping[str, Text] = {
    "refused": Text(
        "Настройки не приняты, ничего не изменено. Ошибок: {count}.",
        "The settings are refused; nothing was changed. Errors: {count}.",
    ),
    "sound": Text("Файл в порядке.", "The file is in order."),
    "warning": Text("Внимание: ", "Warning: "),
    "error": Text("Ошибка: ", "Error: "),
    "changes": Text("Изменений: {count}", "Changes: {count}"),
    "unchanged": Text(
        "Изменений нет; действует версия {revision}.",
        "Nothing changes; revision {revision} stays.",
    ),
    "dry_run": Text("Только показано: ничего не сохранено.", "Shown only: nothing was saved."),
    "saved": Text("Сохранено как версия {revision}.", "Saved as revision {revision}."),
    "applied": Text(
        "Станция работает по версии {revision}; текущие разговоры не прерваны.",
        "The box runs revision {revision}; no call was touched.",
    ),
    "not_running": Text(
        "Станция не запущена: настройки вступят в силу при запуске.",
        "The box is not running: the settings will be read at its start.",
    ),
    "not_applied": Text(
        "Сохранено, но работающая станция не приняла версию {revision}: {reason}. "
        "Она работает по прежним настройкам.",
        "Saved, but the running box did not take revision {revision}: {reason}. "
        "It keeps its former settings.",
    ),
    "set_aside": Text(
        "Повреждённая база отложена: {path}. Начата новая.",
        "The damaged database was put aside: {path}. A new one was begun.",
    ),
    "exported": Text("Записано: {path}.", "Written: {path}."),
    "exported_masked": Text(
        "Пароли скрыты; с паролями: dozvon config export --secrets.",
        "Secrets are masked; with them: dozvon config export --secrets.",
    ),
    "revision": Text("версия {revision}", "revision {revision}"),
    "factory": Text("Настроек ещё нет; заводские:", "Nothing was saved yet; factory settings:"),
    "no_history": Text("История пуста.", "The history is empty."),
    "more": Text("… и ещё {count}", "… and {count} more"),
}
