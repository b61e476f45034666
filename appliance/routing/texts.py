"""The engine's words in Russian and English: reasons, verdicts, kinds, causes, alerts.

PURE tables. Keys are stable; ``{…}`` are filled from a reason's params, where kinds and the whys of
trunks are put into words and a country goes by its name. A key without a text is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind
from appliance.routing.caller_texts import CALLER_REASONS
from appliance.routing.decision import Reason, Verdict
from appliance.routing.feature_texts import FEATURE_REASONS
from appliance.routing.forward_texts import FORWARD_REASONS
from appliance.routing.limit_texts import LIMIT_ALERTS, LIMIT_REASONS
from appliance.routing.line_texts import LINE_WHYS

LANGUAGES = ("ru", "en")

Texts = Mapping[str, tuple[str, str]]  # key -> (Russian, English)

REASONS: Texts = {
    **LIMIT_REASONS,
    **CALLER_REASONS,
    **FEATURE_REASONS,
    **FORWARD_REASONS,
    "dialled.read_as": (
        "Набрано «{dialled}», прочтено как {digits}",
        "“{dialled}” is read as {digits}",
    ),
    "digits.wait": (
        "{digits}: номер может быть длиннее, ждём следующую цифру",
        "{digits}: the number may be longer, waiting for the next digit",
    ),
    "profile.replaced": (
        "Замена набора: {digits} читается как {instead}",
        "Dialling replacement: {digits} is read as {instead}",
    ),
    "profile.prefix": (
        "Профиль {profile}: {prefix} — выход в город, дальше {rest}",
        "Profile {profile}: {prefix} leads outside, then {rest}",
    ),
    "profile.prefix_missing": (
        "{digits}: такого внутреннего номера нет, а для выхода в город сначала набирают {prefix}",
        "{digits} is no extension, and calls outside start with {prefix}",
    ),
    "meaning.emergency": (
        "{digits} — экстренный номер {number}",
        "{digits} is the emergency number {number}",
    ),
    "meaning.pickup": (
        "{digits} — перехват вызова в группе",
        "{digits} picks up a call of the group",
    ),
    "meaning.directed_pickup": (
        "{digits} — перехват вызова указанного номера",
        "{digits} picks up a call of a named extension",
    ),
    "meaning.echo": ("{digits} — проверка эхом", "{digits} is the echo test"),
    "meaning.address": ("{digits} — адрес станции голосом", "{digits} speaks the box's address"),
    "meaning.extension": ("{number} — внутренний номер", "{number} is an extension"),
    "meaning.extension_named": (
        "{number} — внутренний номер, {name}",
        "{number} is the extension of {name}",
    ),
    "meaning.outside": ("Номер {number}: {kind}", "Number {number}: {kind}"),
    "meaning.abroad": ("Номер {number}: {country_name}", "Number {number}: {country_name}"),
    "meaning.unknown": (
        "{digits}: такого номера быть не может",
        "{digits}: there can be no such number",
    ),
    "class.allows": (
        "Класс «{class}» разрешает: {kind}",
        "Class “{class}” allows: {kind}",
    ),
    "class.forbids": (
        "Класс «{class}» не разрешает: {kind}",
        "Class “{class}” does not allow: {kind}",
    ),
    "class.country_open": (
        "Класс «{class}»: страна открыта — {country_name}",
        "Class “{class}”: the country is open: {country_name}",
    ),
    "class.country_closed": (
        "Международная связь закрыта — {country_name} (класс «{class}»)",
        "International barred: {country_name} (class “{class}”)",
    ),
    "class.service_closed": (
        "Не страна, а спутник или международная служба — {country_name}: класс «{class}» должен "
        "назвать её по имени",
        "No country but a satellite or a global service: {country_name}; class “{class}” must "
        "name it",
    ),
    "class.premium_abroad": (
        "{number} — платная служба за границей ({country_name}): класс «{class}» не разрешает "
        "платных услуг",
        "{number} is premium rate abroad ({country_name}): class “{class}” does not allow premium",
    ),
    "rule.chosen": ("Правило «{rule}»", "Rule “{rule}”"),
    "rule.none": (
        "Ни одно правило не ведёт к номеру {number} ({kind})",
        "No rule leads to {number} ({kind})",
    ),
    "way.kept": (
        "Линия «{trunk}»: номер {number}, от имени {caller}",
        "Trunk “{trunk}”: number {number}, caller {caller}",
    ),
    "way.missing": ("Линии «{trunk}» нет в настройках", "Trunk “{trunk}” does not exist"),
    "way.disabled": ("Линия «{trunk}» выключена: пропущена", "Trunk “{trunk}” is off: skipped"),
    "way.full": (
        "Линия «{trunk}» занята, на ней уже {calls} разговоров: пропущена",
        "Trunk “{trunk}” is full with {calls} calls: skipped",
    ),
    "way.down": (
        "Линия «{trunk}» не работает ({why}): пробуем её последней, номер {number}",
        "Trunk “{trunk}” is down ({why}): tried last, number {number}",
    ),
    "way.none": (
        "Правило «{rule}» не оставило ни одной линии",
        "Rule “{rule}” leaves no trunk to try",
    ),
    "way.preempts": (
        "Линия «{trunk}» занята: ради экстренного вызова прервём разговор {call}",
        "Trunk “{trunk}” is full: call {call} will be dropped for the emergency call",
    ),
    "way.full_of_emergencies": (
        "Линия «{trunk}» занята экстренными вызовами: пробуем, никого не прерывая",
        "Trunk “{trunk}” is full of emergency calls: tried without dropping any",
    ),
    "emergency.first": (
        "Экстренный вызов {number} идёт раньше всех правил и ограничений, передаётся как {sent}",
        "Emergency call {number} goes before all rules and limits, sent as {sent}",
    ),
    "emergency.forwarded": (
        "Чужой вызов не переадресуется на экстренный номер {number}",
        "A stranger's call is not forwarded to the emergency number {number}",
    ),
    "emergency.no_way": (
        "Нет ни одной включённой линии: экстренный вызов не может выйти",
        "No trunk is switched on: the emergency call cannot leave",
    ),
    "extension.missing": (
        "Внутреннего номера {extension} нет",
        "There is no extension {extension}",
    ),
    "extension.disabled": (
        "Внутренний номер {extension} выключен",
        "Extension {extension} is switched off",
    ),
    "extension.own_number": (
        "{extension} звонит на собственный номер",
        "{extension} calls its own number",
    ),
    "extension.unregistered": (
        "Ни один телефон номера {extension} сейчас не на связи",
        "No phone of extension {extension} is registered now",
    ),
    "extension.busy": (
        "Номер {extension} занят: разговоров {calls}, предел {limit}",
        "Extension {extension} is busy: {calls} calls, its limit is {limit}",
    ),
    "extension.rings": (
        "Звонит {extension}: телефонов {phones}, не дольше {seconds} с",
        "{extension} rings: {phones} phone(s), for {seconds} s at most",
    ),
    "did.known": (
        "Городской номер {number} линии «{trunk}» ведёт на {extension}",
        "Number {number} of trunk “{trunk}” leads to {extension}",
    ),
    "did.announces": (
        "Линия «{line}» отвечает словами ({prompt}), никто не звонит",
        "Line “{line}” answers with words ({prompt}), nobody rings",
    ),
    "did.voicemail": (
        "Линия «{line}» отвечает сама: сообщение примет голосовая почта номера {mailbox}",
        "Line “{line}” answers by itself: the voicemail of {mailbox} takes a message",
    ),
    "did.unknown": (
        "Номер «{number}» не значится за линией «{trunk}»",
        "“{number}” is not a known number of trunk “{trunk}”",
    ),
    "did.disabled": ("Городской номер {number} выключен", "Number {number} is switched off"),
    "did.default": (
        "Неизвестные номера принимает {extension}",
        "Unknown numbers ring at {extension}",
    ),
    "did.no_default": (
        "Номер для неизвестных вызовов не назначен",
        "No extension is set for unknown numbers",
    ),
    "trunk.unknown": ("Линии «{trunk}» нет в настройках", "Trunk “{trunk}” does not exist"),
    "trunk.disabled": ("Линия «{trunk}» выключена", "Trunk “{trunk}” is switched off"),
}

KINDS: Mapping[DestinationKind, tuple[str, str]] = {
    DestinationKind.INTERNAL: ("внутренний", "internal"),
    DestinationKind.EMERGENCY: ("экстренный", "emergency"),
    DestinationKind.FEATURE: ("служебный код", "feature code"),
    DestinationKind.LOCAL: ("местный", "local"),
    DestinationKind.NATIONAL: ("междугородный", "national"),
    DestinationKind.MOBILE: ("мобильный", "mobile"),
    DestinationKind.TOLL_FREE: ("бесплатный", "toll-free"),
    DestinationKind.PREMIUM: ("платная услуга", "premium rate"),
    DestinationKind.INTERNATIONAL: ("международный", "international"),
}

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.ROUTE: ("вызов пойдёт", "the call goes"),
    Verdict.REFUSE: ("вызов не пойдёт", "the call is refused"),
    Verdict.MORE_DIGITS: ("ждём цифр", "waiting for digits"),
}

CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause.NORMAL: ("разговор окончен", "hung up"),
    Cause.BUSY: ("занято", "busy"),
    Cause.NO_ANSWER: ("не отвечает", "no answer"),
    Cause.NO_RESPONSE: ("нет отклика", "no response"),
    Cause.UNREACHABLE: ("недоступен", "unreachable"),
    Cause.REJECTED: ("отклонён", "declined"),
    Cause.NOT_FOUND: ("нет такого номера", "no such number"),
    Cause.FORBIDDEN: ("запрещено", "forbidden"),
    Cause.INTERNATIONAL_BARRED: ("международная связь закрыта", "international barred"),
    Cause.CONGESTION: ("все линии заняты", "all lines busy"),
    Cause.INCOMPATIBLE: ("нет общего кодека", "no common codec"),
    Cause.CANCELLED: ("звонящий положил трубку", "the caller gave up"),
    Cause.ANSWERED_ELSEWHERE: ("ответили на другом телефоне", "answered elsewhere"),
    Cause.MEDIA_LOST: ("пропал звук в обе стороны", "no sound both ways"),
    Cause.SESSION_EXPIRED: ("собеседник пропал", "the session expired"),
    Cause.PREEMPTED: ("прерван ради экстренного вызова", "dropped for an emergency call"),
    Cause.LIMIT: ("исчерпан предел расходов", "a spending limit was reached"),
    Cause.SHUTDOWN: ("станция остановлена", "the box was stopped"),
    Cause.RESTART: ("станция перезапустилась", "the box restarted"),
    Cause.FAILURE: ("ошибка на другой стороне", "the far end failed"),
    Cause.INTERNAL: ("ошибка станции", "an error of the box"),
}

ALERTS: Texts = {
    **LIMIT_ALERTS,
    "unknown_did": (
        "Вызов на неизвестный городской номер",
        "A call came for an unknown outside number",
    ),
    "emergency_call": ("Вызов экстренной службы", "An emergency number was called"),
    "emergency_no_way": (
        "Экстренный вызов не смог выйти: нет включённых линий",
        "An emergency call could not leave: no trunk is switched on",
    ),
}

#: Why a trunk is down (legs/trunks/state.py).
TRUNK_WHYS: Texts = {
    **LINE_WHYS,
    "credentials_refused": ("имя или пароль не приняты", "name or password refused"),
    "account_unknown": ("учётная запись неизвестна", "account unknown"),
    "no_answer": ("оператор молчит", "the provider is silent"),
    "overloaded": ("оператор перегружен", "the provider is overloaded"),
    "refused": ("оператор отказал", "the provider refused"),
    "dns": ("имя узла не найдено", "the host name was not found"),
    "unreachable": ("узел недоступен", "the host cannot be reached"),
}

PROMPTS: Texts = {
    "no_such_number": ("«Такого номера нет»", "“There is no such number”"),
    "unavailable": ("«Абонент недоступен»", "“The person is unavailable”"),
    "busy": ("«Абонент занят»", "“The person is busy”"),
    "no_answer": ("«Абонент не отвечает»", "“Nobody answers”"),
    "all_lines_busy": ("«Все линии заняты»", "“All lines are busy”"),
    "forbidden": ("«Вызов запрещён»", "“The call is not allowed”"),
    "international_barred": (
        "«Международная связь закрыта»",
        "“International calls are barred”",
    ),
    "limit_reached": (
        "«Достигнут предел вызовов»",
        "“The limit of calls is reached”",
    ),
    "cannot_complete": (
        "«Вызов не может быть выполнен»",
        "“The call cannot be completed”",
    ),
}

#: Words around an explanation (explain.py).
LABELS: Texts = {
    "number": ("Номер", "Number"),
    "why": ("Почему", "Why"),
    "steps": ("Шаги", "Steps"),
    "otherwise": ("Если не вышло", "If that fails"),
    "caller_hears": ("Звонящий слышит", "The caller hears"),
    "alert": ("Тревога", "Alert"),
    "tone": ("тональный сигнал", "a tone"),
    "step.ring": (
        "звонят телефоны номера {extension} ({phones}), до {ring_time_s} с",
        "the phones of {extension} ring ({phones}), for up to {ring_time_s} s",
    ),
    "step.trunk": (
        "линия «{trunk}»: {number}, от имени {caller_id}, ждём отклика {no_answer_s} с",
        "trunk “{trunk}”: {number}, caller {caller_id}, left after {no_answer_s} s of silence",
    ),
    "step.preempt": (
        "прервав разговор {preempt}",
        "after dropping call {preempt}",
    ),
    "step.blind": ("и без сигнала готовности", "even without dial tone"),
    "step.app": ("приложение «{app}»", "app “{app}”"),
    "step.pickup": ("перехват вызова {call_ref}", "takes over call {call_ref}"),
}

#: What answers by itself, as decisions call it.
APPS: Mapping[str, tuple[str, str]] = {
    "address": ("адрес станции", "address"),
    "announcement": ("объявление", "announcement"),
    "claim": ("номер для телефона", "claim"),
    "echo": ("эхо", "echo"),
    "forward": ("переадресация", "forward"),
    "message": ("сообщение", "message"),
    "voicemail": ("голосовая почта", "voicemail"),
    "voicemail_menu": ("меню голосовой почты", "voicemail_menu"),
    "way_chosen": ("выбор линии", "way_chosen"),
}


def say(reason: Reason, language: str) -> str:
    """One reason as a sentence; a key without a text is shown with its params."""
    return say_key(reason.key, reason.params, language)


def say_key(key: str, params: Mapping[str, str], language: str) -> str:
    """The sentence of a reason that travelled as plain data."""
    if key not in REASONS:
        return " ".join((key, *(f"{name}={value}" for name, value in params.items())))
    return fill(REASONS[key], params, language)


def say_kind(kind: DestinationKind, language: str) -> str:
    return _pick(KINDS[kind], language)


def say_verdict(verdict: Verdict, language: str) -> str:
    return _pick(VERDICTS[verdict], language)


def say_cause(cause: Cause, language: str) -> str:
    return _pick(CAUSES[cause], language)


def say_alert(key: str, language: str) -> str:
    """An alert of routing; a key that is another room's is shown as it is."""
    return _pick(ALERTS[key], language) if key in ALERTS else key


def say_prompt(key: str, language: str) -> str:
    """What a prompt says, in short; empty for silence."""
    return _pick(PROMPTS[key], language) if key in PROMPTS else key


def say_why(key: str, language: str) -> str:
    """Why a trunk is down; an unknown key is shown as it is."""
    return _pick(TRUNK_WHYS[key], language) if key in TRUNK_WHYS else key


def say_app(name: str, language: str) -> str:
    """What an app is called; an unknown one by its own name."""
    return _pick(APPS[name], language) if name in APPS else name


def label(key: str, language: str) -> str:
    return _pick(LABELS[key], language)


def fill(text: tuple[str, str], params: Mapping[str, str], language: str) -> str:
    """The text in that language with its params put into words; a missing one shows as ``-``."""
    values = _Values(params)
    if "kind" in params:
        values["kind"] = say_kind(DestinationKind(params["kind"]), language)
    if "why" in params:
        values["why"] = say_why(params["why"], language)
    if "app" in params:
        values["app"] = say_app(params["app"], language)
    values["country_name"] = params.get(f"country_{language}", params.get("country", "-"))
    return _pick(text, language).format_map(values)


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"


def _pick(text: tuple[str, str], language: str) -> str:
    return text[LANGUAGES.index(language)] if language in LANGUAGES else text[1]
