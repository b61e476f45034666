"""Words of the commands that show the living box: headings, states, reasons. PURE. Tables."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.commands.phone_words import PHONE_ALERTS
from appliance.commands.voicemail_words import VOICEMAIL_ALERTS
from appliance.config.texts import Text
from appliance.routing.texts import say_alert, say_app, say_why

CALL_COLUMNS = (
    Text("Разговор", "Call"),
    Text("Состояние", "State"),
    Text("Кто", "From"),
    Text("Набрал", "Dialled"),
    Text("Номер", "Number"),
    Text("С кем", "With"),
    Text("Линия", "Trunk"),
    Text("Длится", "Lasts"),
    Text("Говорят", "Talk"),
)

REGISTRATION_COLUMNS = (
    Text("Номер", "Number"),
    Text("Имя", "Name"),
    Text("На связи", "Reachable"),
    Text("Откуда", "From"),
    Text("Транспорт", "Transport"),
    Text("Отклик, мс", "Round trip, ms"),
    Text("Ещё, с", "Expires, s"),
    Text("Телефон", "Phone"),
)

TRUNK_COLUMNS = (
    Text("Линия", "Trunk"),
    Text("Узел", "Host"),
    Text("Состояние", "State"),
    Text("Разговоров", "Calls"),
    Text("Отклик, мс", "Round trip, ms"),
    Text("Ещё, с", "Expires, s"),
    Text("С какого времени", "Since"),
)

JOURNAL_COLUMNS = (
    Text("Начало", "Began"),
    Text("Разговор", "Call"),
    Text("Куда", "Way"),
    Text("Кто", "From"),
    Text("Набрал", "Dialled"),
    Text("Номер", "Number"),
    Text("Ответил", "Answered by"),
    Text("Линия", "Trunk"),
    Text("Говорили", "Talk"),
    Text("Исход", "Result"),
)

LEG_COLUMNS = (
    Text("Плечо", "Leg"),
    Text("Кто", "Party"),
    Text("Номер", "Number"),
    Text("Вызван, с", "Dialled, s"),
    Text("Звонил, с", "Rang, s"),
    Text("Ответил, с", "Answered, s"),
    Text("Окончен, с", "Ended, s"),
    Text("Исход", "Result"),
    Text("SIP", "SIP"),
)

QUALITY_COLUMNS = (
    Text("Плечо", "Leg"),
    Text("Принято", "Received"),
    Text("Послано", "Sent"),
    Text("Потеряно", "Lost"),
    Text("Дрожание, мс", "Jitter, ms"),
    Text("Отклик, мс", "Round trip, ms"),
    Text("MOS", "MOS"),
)

#: Paid calls: so many of the limit; ``-`` = no limit.
SPENDING_COLUMNS = (
    Text("Номер", "Extension"),
    Text("Имя", "Name"),
    Text("Класс", "Class"),
    Text("Сейчас", "Now"),
    Text("За час", "This hour"),
    Text("Минут сегодня", "Minutes today"),
    Text("Минут на вызов", "Minutes a call"),
)

BAN_COLUMNS = (
    Text("Адрес", "Address"),
    Text("Номер", "Account"),
    Text("Что закрыто", "Shut out"),
    Text("Ошибок", "Failures"),
    Text("С", "Since"),
    Text("До", "Until"),
)

#: guard/bans.py, and accounts under attack.
BAN_KINDS: Mapping[str, Text] = {
    "place": Text("весь адрес, без ответа", "the whole address, no answer"),
    "login": Text("этот номер с этого адреса", "this account from this address"),
    "new_logins": Text("все чужие номера с этого адреса", "all accounts but those at home there"),
    "account": Text("вход с незнакомых адресов", "logins from unknown addresses"),
}

STATES: Mapping[str, Text] = {
    # calls (call.body.State)
    "new": Text("начат", "new"),
    "routing": Text("ищем путь", "routing"),
    "hunting": Text("вызываем", "calling"),
    "giving": Text("перехват", "picking up"),
    "announcing": Text("объявление", "announcement"),
    "connected": Text("разговор", "talking"),
    "reoffering": Text("разговор", "talking"),
    "proposing": Text("разговор", "talking"),
    "ending": Text("кончается", "ending"),
    "finished": Text("окончен", "ended"),
    # trunks (legs.trunks.state.TrunkStatus)
    "disabled": Text("выключена", "disabled"),
    "registering": Text("регистрируется", "registering"),
    "up": Text("работает", "up"),
    "down": Text("не работает", "down"),
    "unknown": Text("неизвестно", "unknown"),
}

DIRECTIONS: Mapping[str, Text] = {
    "internal": Text("внутри", "internal"),
    "outbound": Text("в город", "outbound"),
    "inbound": Text("из города", "inbound"),
}

#: Why no phone of an extension can be called (sip/binding.py).
PHONE_WHYS: Mapping[str, Text] = {
    "never_seen": Text("ещё не регистрировался", "never registered"),
    "expired": Text("перестал регистрироваться", "stopped registering"),
    "unregistered": Text("вышел", "signed off"),
    "replaced": Text("вытеснен другим телефоном", "replaced by another phone"),
    "removed": Text("удалён из настроек", "removed from the settings"),
    "connection_lost": Text("соединение потеряно", "connection lost"),
    "no_answer": Text("не отвечает", "does not answer"),
    "disabled": Text("номер выключен", "switched off"),
}

#: Alerts that are not routing's own.
ALERTS: Mapping[str, Text] = {
    **PHONE_ALERTS,
    **VOICEMAIL_ALERTS,
    "place_banned": Text("Подбор пароля, адрес заблокирован", "Guessed passwords, address banned"),
    "login_barred": Text("Неверный пароль с этого адреса", "Wrong password from this address"),
    "logins_barred": Text(
        "Неверные пароли к разным номерам с этого адреса",
        "Wrong passwords for many numbers from this address",
    ),
    "account_attacked": Text(
        "Пароль номера подбирают с разных адресов", "An account is attacked from many addresses"
    ),
    "flood": Text("Поток SIP-сообщений, лишние без ответа", "A flood of SIP, much is unanswered"),
    "calls_cut": Text("Разговоров оборвано перезапуском", "Calls cut by a restart"),
    "trunk_down": Text("Линия не работает", "A trunk is down"),
    "line_down": Text("Провод или SIM-карта не работает", "A wire or a SIM is down"),
    "clock_jumped": Text(
        "Часы переведены (на столько секунд): проверьте время и NTP (timedatectl)",
        "The clock was set (by so many seconds): check the time and NTP (timedatectl)",
    ),
    "address_gone": Text(
        "Адрес станции пропал: проверьте кабель, выдачу адресов, DOZVON_BIND",
        "An address of the box is gone: check the cable, the leases, DOZVON_BIND",
    ),
    "address_changed": Text(
        "Адрес станции сменился: телефонам нужен новый, если они знают её не по имени",
        "The box's address changed: phones that do not know it by name need the new one",
    ),
    "state_damaged": Text(
        "Журнал и регистрации повреждены и начаты заново с тем, что уцелело; старый файл отложен",
        "Journal and registrations were damaged and begun anew with what was left; "
        "the old file was put aside",
    ),
    "state_tail_lost": Text(
        "Последние записи перед остановкой утрачены; их копия отложена",
        "The last records before the stop are lost; a copy of them was put aside",
    ),
    "journal_rows_damaged": Text("Записей журнала повреждено", "Rows of the journal are damaged"),
    "state_rows_damaged": Text(
        "Записи о состоянии повреждены и не используются",
        "Rows of what the box keeps are damaged and not used",
    ),
    "disk_full": Text(
        "Диск полон: звонки идут, журнал ждёт в памяти",
        "The disk is full: calls go on, the journal waits in memory",
    ),
    "disk_fails": Text(
        "Диск не принимает записи: звонки идут, журнал ждёт в памяти",
        "The disk takes no data: calls go on, the journal waits in memory",
    ),
    "disk_works_again": Text(
        "Диск снова принимает записи; ожидавшее записано",
        "The disk takes data again; what waited is written",
    ),
    "config.revision_damaged": Text(
        "Ревизия настроек повреждена; действует последняя целая",
        "A revision of the settings is damaged; the last sound one is used",
    ),
    "config.copy_used": Text(
        "База настроек потеряла последнюю версию; действует её копия",
        "The settings database lost the newest revision; its copy is used",
    ),
    "config.not_copied": Text(
        "Копия настроек не записана", "The copy of the settings was not written"
    ),
    "config.database_unreadable": Text(
        "База настроек не открывается; действует копия",
        "The settings database cannot be opened; its copy is used",
    ),
    "config.database_damaged": Text(
        "База настроек повреждена. Примените сохранённый файл: dozvon config apply",
        "The settings database is damaged. Apply a saved file: dozvon config apply",
    ),
}

#: Details of alerts that hold facts: ``address failures seconds account``, or a name.
ALERT_DETAILS: Mapping[str, Text] = {
    "place_banned": Text(
        "{0} закрыт на {2} с: SIP, неверный пароль на «{3}», попыток {1}. Снять: dozvon unban {0}",
        "{0} is shut out for {2} s: SIP, wrong password on “{3}”, {1} tries. "
        "To undo: dozvon unban {0}",
    ),
    "login_barred": Text(
        "{0}: номер «{3}» отсюда закрыт на {2} с, попыток {1}; другие телефоны работают. "
        "Проверьте пароль в телефоне; снять: dozvon unban {0}",
        "{0}: “{3}” is shut out from here for {2} s, {1} tries; other phones work. "
        "Check the phone's password; to undo: dozvon unban {0}",
    ),
    "logins_barred": Text(
        "{0}: закрыты на {2} с все номера, которых здесь не было, попыток {1}, последний «{3}». "
        "Снять: dozvon unban {0}",
        "{0}: all accounts that are not at home here are shut out for {2} s, {1} tries, the last "
        "on “{3}”. To undo: dozvon unban {0}",
    ),
    "account_attacked": Text(
        "{0}: вход только из офиса и со знакомых адресов, пока не утихнет. "
        "Телефон работает; снять: dozvon unban {0}",
        "{0}: open to the office and to known addresses alone until it is quiet. "
        "Its phone works; to undo: dozvon unban {0}",
    ),
}

APP = Text("приложение «{}»", "app {}")
PARTIES: Mapping[str, Text] = {
    "extension": Text("номер", "extension"),
    "trunk": Text("линия", "trunk"),
    "app": Text("приложение", "app"),
    "voicemail": Text("голосовая почта", "voicemail"),
    "unknown": Text("неизвестный", "unknown"),
}

WORDS: Mapping[str, Text] = {
    "yes": Text("да", "yes"),
    "no": Text("нет", "no"),
    "no_calls": Text("Разговоров сейчас нет.", "There are no calls now."),
    "no_extensions": Text(
        "Внутренних номеров нет. Задайте их: dozvon config apply ФАЙЛ",
        "There are no extensions. Set them: dozvon config apply FILE",
    ),
    "no_trunks": Text(
        "Линий нет. Задайте их: dozvon config apply ФАЙЛ",
        "There are no trunks. Set them: dozvon config apply FILE",
    ),
    "no_rows": Text("В журнале ничего такого нет.", "The journal has no such call."),
    "nothing_spent": Text(
        "Сегодня никто не звонил по платным направлениям.",
        "Nobody made a paid call today.",
    ),
    "box_spent": Text(
        "Вся станция: сейчас {calls}, за час {calls_last_hour}/{limit}, минут сегодня "
        "{minutes_today:g}.",
        "The whole box: now {calls}, this hour {calls_last_hour}/{limit}, minutes today "
        "{minutes_today:g}.",
    ),
    "no_bans": Text("Никто не заблокирован.", "Nobody is shut out."),
    "unbanned": Text("Снято: {count}.", "Lifted: {count}."),
    "unanswered": Text(
        "Без ответа с запуска: от заблокированных {banned}, сверх меры {budget}, "
        "в толпе чужих {crowd}, от сканеров {scanner}.",
        "Unanswered since the start: of banned ones {banned}, over the budget {budget}, "
        "in crowds of strangers {crowd}, of scanners {scanner}.",
    ),
    "ended": Text("Прервано разговоров: {count}.", "Calls ended: {count}."),
    "legs": Text("Плечи:", "Legs:"),
    "quality": Text("Качество:", "Quality:"),
    "not_measured": Text("неизвестно", "unknown"),
    "why": Text("Почему так:", "Why:"),
    "alerts": Text("Тревоги:", "Alerts:"),
}

#: Names of single values.
FIELDS: Mapping[str, Text] = {
    "version": Text("Версия", "Version"),
    "site": Text("Офис", "Office"),
    "revision": Text("Настройки №", "Settings No."),
    "started": Text("Запущена", "Started"),
    "uptime": Text("Работает", "Runs for"),
    "sip": Text("SIP", "SIP"),
    "rtp": Text("Порты звука", "Media ports"),
    "calls": Text("Разговоров", "Calls"),
    "registrations": Text("Телефонов", "Phones"),
    "extensions": Text("Номеров", "Extensions"),
    "lamps": Text("Ламп", "Lamps"),
    "trunks": Text("Линии", "Trunks"),
    "call": Text("Разговор", "Call"),
    "began": Text("Начало", "Began"),
    "direction": Text("Куда", "Way"),
    "caller": Text("Кто", "From"),
    "dialled": Text("Набрал", "Dialled"),
    "number": Text("Номер", "Number"),
    "sent": Text("Послано в линию", "Sent to the trunk"),
    "trunk": Text("Линия", "Trunk"),
    "answered_by": Text("Ответил", "Answered by"),
    "setup": Text("До ответа, с", "To the answer, s"),
    "talk": Text("Говорили", "Talk"),
    "total": Text("Всего", "In all"),
    "result": Text("Исход", "Result"),
}


def word(table: Mapping[str, Text], key: str, language: str) -> str:
    """The word of a key; a key that is newer than this table is shown as it is."""
    return table[key].of(language) if key in table else key


def party(text: str, language: str) -> str:
    """``extension 2001`` in words."""
    kind, space, name = text.partition(" ")
    if kind == "app":
        return APP.of(language).format(say_app(name, language))
    return word(PARTIES, kind, language) + space + name


def phone_why(key: str, language: str) -> str:
    """Why a phone cannot be called; ``refused_408`` names the SIP status."""
    if key.startswith("refused_"):
        return ("отказал: " if language == "ru" else "refused: ") + key.removeprefix("refused_")
    return word(PHONE_WHYS, key, language)


def alert_text(key: str, language: str) -> str:
    """What happened; a key that is newer than this table is shown as it is."""
    return ALERTS[key].of(language) if key in ALERTS else say_alert(key, language)


#: Tables of state.db, for people.
_TABLES = {
    "open_calls": Text("начатые звонки", "calls that had begun"),
    "bindings": Text("регистрации", "registrations"),
    "dialogs": Text("разговоры до перезапуска", "calls before the restart"),
    "messages": Text("SMS", "SMS"),
    "phones": Text("настольные телефоны", "desk phones"),
    "phone_requests": Text("запросы телефонов", "requests of phones"),
    "busy_sightings": Text("замеченные сигналы «занято»", "busy tones that were seen"),
    "claim_codes": Text("коды номеров", "claim codes"),
    "voice_messages": Text("голосовые сообщения", "voice messages"),
}


def _rows_of(part: str, language: str) -> str:
    """``messages 2`` in words."""
    table, _, count = part.partition(" ")
    return f"{_TABLES[table].of(language)}: {count}" if table in _TABLES else part


def alert_detail(key: str, detail: str, language: str) -> str:
    """What an alert is about, in words."""
    if key in ALERT_DETAILS:
        facts = detail.split(" ", 3) if key != "account_attacked" else [detail]
        if len(facts) in (1, 4):
            return ALERT_DETAILS[key].of(language).format(*facts)
    if key == "state_rows_damaged":
        return ", ".join(_rows_of(part, language) for part in detail.split(", "))
    if key not in ("trunk_down", "line_down"):
        return detail
    name, separator, why = detail.rpartition(": ")
    return name + separator + say_why(why, language)


def trunk_text(state: str, why: str, language: str) -> str:
    """``down: the provider is silent``."""
    shown = word(STATES, state, language)
    return f"{shown}: {say_why(why, language)}" if why else shown
