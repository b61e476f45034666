"""What a person reads when a command or the daemon's start fails, and the exit code of it.

PURE. A table by key, in RU and EN; each sentence says what to do next. Keys that are not here are
looked up among the settings' texts (config/texts.py), so that one function finds every text.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.commands.dhcp_words import DHCP_ERRORS
from appliance.commands.explain_words import MISTAKES
from appliance.commands.line_texts import LINE_ERRORS
from appliance.commands.phone_words import PHONE_ERRORS
from appliance.commands.voicemail_words import VOICEMAIL_ERRORS
from appliance.config.texts import Text, problem_text
from appliance.config.texts import say as say_setting
from appliance.errors import ConfigErrors, DozvonError, MediaError, StoreError, UserError
from appliance.routing.texts import say_why

DONE, FAILED, USAGE, NOT_RUNNING = 0, 1, 2, 3

TEXTS: Mapping[str, Text] = {
    **PHONE_ERRORS,
    **DHCP_ERRORS,
    **VOICEMAIL_ERRORS,
    # the system
    "command.failed": Text(
        "Не получилось: {said}. Проверьте место на диске (df -h) и права на файлы.",
        "It did not work: {said}. Check the room on the disk (df -h) and the files' permissions.",
    ),
    # the control socket
    "control.not_running": Text(
        "Станция не запущена (нет ответа в {path}). Запустите: dozvon run, "
        "или укажите её папку: --data ПАПКА.",
        "The box is not running (nobody answers at {path}). Start it: dozvon run, "
        "or name its folder: --data FOLDER.",
    ),
    "control.no_permission": Text(
        "Нет прав на {path}. Повторите от имени владельца станции или через sudo.",
        "You may not open {path}. Try again as the owner of the box, or with sudo.",
    ),
    "control.timeout": Text(
        "Станция не ответила за {seconds} с ({path}). Повторите; если так и будет, "
        "посмотрите её журнал и перезапустите.",
        "The box did not answer in {seconds} s ({path}). Try again; if it stays so, "
        "read its log and restart it.",
    ),
    "control.bad_answer": Text(
        "Станция ответила непонятно. Проверьте, что станция и эта команда одной версии: "
        "dozvon version.",
        "The box answered something that is not understood. See that the box and this command "
        "have the same version: dozvon version.",
    ),
    "control.already_running": Text(
        "В этой папке уже работает станция ({path}). Остановите её или укажите другую папку: "
        "--data ПАПКА.",
        "A box runs on this folder already ({path}). Stop it, or name another folder: "
        "--data FOLDER.",
    ),
    "control.not_a_socket": Text(
        "На месте управляющего сокета лежит что-то другое: {path}. Уберите этот файл.",
        "Something else lies where the control socket belongs: {path}. Move that file away.",
    ),
    "control.cannot_listen": Text(
        "Не удаётся открыть управляющий сокет {path}: {said}. Проверьте права на папку; "
        "путь не должен быть длиннее 107 знаков.",
        "The control socket {path} cannot be opened: {said}. Check the folder's permissions; "
        "the path must not be longer than 107 characters.",
    ),
    "control.too_many_clients": Text(
        "К станции обращаются слишком многие сразу. Повторите через несколько секунд.",
        "Too many programs talk to the box at once. Try again in a few seconds.",
    ),
    "control.too_long": Text(
        "Запрос длиннее {limit} байт. Сократите его.",
        "The request is longer than {limit} octets. Make it shorter.",
    ),
    "control.bad_request": Text(
        "Станция не поняла запрос: {said}. См. docs/control.md.",
        "The box did not understand the request: {said}. See docs/control.md.",
    ),
    "control.unknown_operation": Text(
        "Станция не знает команды «{op}». Проверьте, что станция и эта команда одной версии: "
        "dozvon version.",
        "The box knows no operation “{op}”. See that the box and this command have the same "
        "version: dozvon version.",
    ),
    "control.internal": Text(
        "В станции ошибка; подробности в её журнале. Разговоры продолжаются.",
        "The box has a defect; its log tells more. Calls go on.",
    ),
    "config.refused": Text(
        "Станция не приняла настройки; действуют прежние. Проверьте: dozvon config check.",
        "The box refused the settings and keeps its former ones. Check: dozvon config check.",
    ),
    # the network
    "net.address_in_use": Text(
        "Порт {port} на адресе {address} уже занят. Посмотрите, кем: ss -lntup; "
        "или выберите другой: --sip-port.",
        "Port {port} at {address} is taken already. See by whom: ss -lntup; "
        "or choose another: --sip-port.",
    ),
    "net.address_not_ours": Text(
        "У этой машины нет адреса {address}. Посмотрите её адреса: ip address; и задайте --bind.",
        "This machine has no address {address}. See its addresses: ip address; and set --bind.",
    ),
    "net.port_forbidden": Text(
        "Порт {port} доступен только root. Выберите порт от 1024: --sip-port 5060.",
        "Only root may take port {port}. Choose one from 1024 up: --sip-port 5060.",
    ),
    "net.cannot_bind": Text(
        "Порт {port} на адресе {address} занять не удалось. Посмотрите, кто его держит: "
        "ss -lntup; или выберите другое: --bind, --sip-port.",
        "Port {port} at {address} cannot be taken. See who has it: ss -lntup; "
        "or choose otherwise: --bind, --sip-port.",
    ),
    "web.port_taken": Text(
        "Порт {port} на адресе {address} для страниц уже занят. Посмотрите, кем: ss -lntp; "
        "или выберите другой: --web-port.",
        "Port {port} at {address}, for the web pages, is taken already. See by whom: ss -lntp; "
        "or choose another: --web-port.",
    ),
    "web.bad_proxy": Text(
        "{address}: это не адрес. Назовите IP-адрес прокси: --web-proxy 192.168.1.5.",
        "{address} is no address. Name the proxy's IP address: --web-proxy 192.168.1.5.",
    ),
    "web.no_folder": Text(
        "Нет папки {path}. Назовите папку станции: --data ПАПКА.",
        "There is no folder {path}. Name the folder of the box: --data FOLDER.",
    ),
    # the databases
    "store.cannot_open": Text(
        "База не открывается: {said}. Проверьте папку --data и права на неё; до первого "
        "запуска станции журнала нет.",
        "The database cannot be opened: {said}. Check the --data folder and its permissions; "
        "there is no journal before the box first ran.",
    ),
    "store.damaged": Text(
        "База повреждена: {said}. Остановите станцию, отложите этот файл в сторону и запустите "
        "её снова: телефоны зарегистрируются сами.",
        "The database is damaged: {said}. Stop the box, move that file aside and start the box "
        "again: phones register by themselves.",
    ),
    "store.too_new": Text(
        "Базу записала более новая версия: {said}. Обновите эту программу.",
        "The database was written by a newer version: {said}. Update this program.",
    ),
    "store.too_old": Text(
        "Базу записала более старая версия: {said}. Запустите станцию, она её обновит.",
        "The database was written by an older version: {said}. Start the box: it brings it "
        "up to date.",
    ),
    "store.disk_full": Text(
        "Диск полон: {said}. Освободите место (df -h).",
        "The disk is full: {said}. Make room (df -h).",
    ),
    "store.cannot_write": Text(
        "База не записывается: {said}. Проверьте диск и права на папку --data.",
        "The database cannot be written: {said}. Check the disk and the --data folder.",
    ),
    "store.closed": Text(
        "Станция останавливается; база уже закрыта. Запустите её снова: dozvon run.",
        "The box is stopping; its database is closed. Start it again: dozvon run.",
    ),
    "store.failed": Text(
        "База не читается или не записывается: {said}. Проверьте диск и папку --data.",
        "A database cannot be read or written: {said}. Check the disk and the --data folder.",
    ),
    # media
    "media.ports_exhausted": Text(
        "Свободных портов для звука нет. Дайте больше: --rtp-ports 10000-19999.",
        "No ports for media are left. Give more: --rtp-ports 10000-19999.",
    ),
    "media.line_audio": Text(
        "Звук линии не открылся: {said}. Проверьте, что устройство включено и не занято другой "
        "программой, и имя звуковой карты (arecord -L).",
        "The line's audio could not be opened: {said}. See that the device is plugged in and that "
        "no other program uses it, and the name of the sound card (arecord -L).",
    ),
    "media.core_failed": Text(
        "Ядро звука не запустилось: {said}. Посмотрите предел открытых файлов (ulimit -n) "
        "и свободную память.",
        "The media core did not start: {said}. See the limit of open files (ulimit -n) "
        "and free memory.",
    ),
    "media.hostile_address": Text(
        "На этот адрес звук не посылается: {said}.", "Media is not sent to that address: {said}."
    ),
    "media.unreachable_address": Text(
        "До этого адреса нет пути: {said}. Проверьте сеть.",
        "There is no way to that address: {said}. Check the network.",
    ),
    # options of dozvon run
    "run.bad_port": Text(
        "{option}: «{value}» — не номер порта. Укажите число от 0 до 65535 (0 — любой свободный).",
        "{option}: “{value}” is no port. Give a number from 0 to 65535 (0 takes any free one).",
    ),
    "run.bad_rtp_ports": Text(
        "{option}: «{value}» — не промежуток портов. Пример: 10000-19999; не ниже 1024 "
        "и не меньше четырёх портов.",
        "{option}: “{value}” is no range of ports. Example: 10000-19999; from 1024 up, "
        "at least four ports.",
    ),
    "run.ports_overlap": Text(
        "Порт {port} ({option}) лежит внутри портов звука {range}. Разведите их.",
        "Port {port} ({option}) lies within the media ports {range}. Take them apart.",
    ),
    "run.same_port": Text(
        "Порт {port} назначен и SIP, и веб-страницам. Смените --sip-port или --web-port.",
        "Port {port} is given to both SIP and the web. Change --sip-port or --web-port.",
    ),
    "run.bad_address": Text(
        "{option}: «{value}» — не IP-адрес. Пример: --bind 192.168.1.10 или --bind ::",
        "{option}: “{value}” is no IP address. Example: --bind 192.168.1.10, or --bind ::",
    ),
    "run.bad_folder": Text(
        "Папка {path} не годится для данных: {said}. Укажите другую: --data ПАПКА.",
        "The folder {path} cannot hold the data: {said}. Name another: --data FOLDER.",
    ),
    "run.cannot_start": Text(
        "Станция не запустилась: {said}. Исправьте это и повторите.",
        "The box did not start: {said}. Put that right and try again.",
    ),
    # the demo
    "demo.not_running": Text(
        "Пробный офис не запущен ({folder}). Запустите: ./run --demo",
        "The demo office is not running ({folder}). Start it: ./run --demo",
    ),
    "demo.not_registered": Text(
        "Станция ещё не зарегистрировалась у оператора. Посмотрите, что с линией "
        "(dozvon trunks), и повторите.",
        "The box has not registered with the provider yet. See how the trunk is "
        "(dozvon trunks), and try again.",
    ),
    "demo.provider_failed": Text(
        "Оператор-имитатор не запустился; причина выше.",
        "The simulated provider did not start; the reason is above.",
    ),
    "demo.no_phones": Text(
        "Телефонов-имитаторов нет ({folder}). Запустите пробный офис с ними: ./run --demo",
        "There are no emulated phones ({folder}). Start the demo office with them: ./run --demo",
    ),
    "demo.no_such_phone": Text(
        "Телефона-имитатора {phone} нет. Есть: {names}",
        "There is no emulated phone {phone}. There are: {names}",
    ),
    "demo.phone_not_registered": Text(
        "Телефон-имитатор {phone} ещё не на связи. Подождите несколько секунд и повторите.",
        "The emulated phone {phone} is not registered yet. Wait some seconds and try again.",
    ),
    "demo.bad_number": Text(
        "«{number}» не набрать: только цифры, *, # и +, до 32 знаков.",
        "“{number}” cannot be dialled: digits, *, # and + only, 32 at most.",
    ),
    # the self-test
    "selftest.busy": Text(
        "Проверка уже идёт. Подождите до {seconds} с и повторите.",
        "A self-test is going on already. Wait up to {seconds} s and try again.",
    ),
    "selftest.no_ipv4": Text(
        "Станция не слушает IPv4, а пробный телефон другого не знает. Добавьте --bind с адресом "
        "IPv4 и повторите.",
        "The box does not listen on IPv4, and the test telephone knows nothing else. Add --bind "
        "with an IPv4 address and try again.",
    ),
    # things that were asked for
    "hangup.no_such_call": Text(
        "Разговора {call_ref} нет. Список: dozvon calls.",
        "There is no call {call_ref}. See: dozvon calls.",
    ),
    "unban.nothing": Text(
        "За «{name}» ничего нет. Посмотрите список: dozvon bans.",
        "Nothing is held against “{name}”. See the list: dozvon bans.",
    ),
    "hangup.which": Text(
        "Укажите, какой разговор прервать (dozvon calls), или --all.",
        "Say which call to end (dozvon calls), or --all.",
    ),
    "calls.no_such_call": Text(
        "Разговора {call_ref} сейчас нет. Оконченные: dozvon journal.",
        "There is no call {call_ref} now. Those that ended: dozvon journal.",
    ),
    "registrations.no_such_extension": Text(
        "Внутреннего номера {number} нет. Список: dozvon registrations.",
        "There is no extension {number}. See: dozvon registrations.",
    ),
    "trunks.no_such_trunk": Text(
        "Линии «{name}» нет. Список: dozvon trunks.",
        "There is no trunk “{name}”. See: dozvon trunks.",
    ),
    "secret.bad_range": Text(
        "«{range}» — не номер и не ряд номеров вида 2001-2020, не больше {most}.",
        "“{range}” is no number and no range such as 2001-2020, of {most} at most.",
    ),
    "spending.no_such_extension": Text(
        "Внутреннего номера {extension} нет. Список: dozvon registrations.",
        "There is no extension {extension}. See: dozvon registrations.",
    ),
    "journal.no_such_call": Text(
        "Разговора {call_ref} в журнале нет. Список: dozvon journal; текущие: dozvon calls.",
        "The journal has no call {call_ref}. See: dozvon journal; live ones: dozvon calls.",
    ),
    "journal.bad_time": Text(
        "{option}: время «{value}» непонятно. Пишите 10:30, 2026-03-02, 2026-03-02T10:30 "
        "или сколько назад: 30m, 2h, 7d.",
        "{option}: the time “{value}” is not understood. Write 10:30, 2026-03-02, "
        "2026-03-02T10:30, or how long ago: 30m, 2h, 7d.",
    ),
}

_USAGE = frozenset(
    {
        "run.bad_port",
        "run.bad_rtp_ports",
        "run.ports_overlap",
        "run.same_port",
        "run.bad_address",
        "journal.bad_time",
        "hangup.which",
        "line.which",
        "sms.which",
        *MISTAKES,
    }
)
_NO_DAEMON = frozenset({"control.not_running", "demo.not_running", "demo.no_phones"})


def say(key: str, params: Mapping[str, object], language: str) -> str:
    """The text of a key, wherever it is kept; a key without a text is shown with its params."""
    text = TEXTS.get(key) or MISTAKES.get(key) or LINE_ERRORS.get(key)
    if text is None:
        return say_setting(key, params, language)
    return text.of(language).format_map(_Params(params))


def key_of(error: DozvonError) -> tuple[str, Mapping[str, object]]:
    """The stable key of an error and the params of its text."""
    if isinstance(error, UserError):
        return error.key, error.params
    if isinstance(error, ConfigErrors):
        return "config.refused", {}
    if isinstance(error, (StoreError, MediaError)):
        key = str(getattr(error, "key", "store.failed"))
        return key, {"said": str(error).removeprefix(f"{key}: ")}
    return "run.cannot_start", {"said": str(error)}


def error_lines(error: DozvonError, language: str) -> list[str]:
    """What a person reads of an error: a sentence, or one for each problem of the settings."""
    if isinstance(error, ConfigErrors):
        return [problem_text(problem, language) for problem in error.problems]
    key, params = key_of(error)
    reason = str(params.get("reason", ""))
    if reason.startswith("line."):  # a line's reason has words of its own
        params = {**params, "reason": say_why(reason, language)}
    return [say(key, params, language)]


def exit_code(error: DozvonError) -> int:
    """2 for a mistaken question, 3 when no daemon runs, else 1."""
    key, _ = key_of(error)
    if key in _NO_DAEMON:
        return NOT_RUNNING
    return USAGE if key in _USAGE else FAILED


class _Params(dict[str, object]):
    """Params of a text: one that is missing shows its name instead of raising."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
