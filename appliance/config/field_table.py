"""Label and meaning of every field of model.py, in RU and EN: one row a field.

PURE. A table; tests prove that no field is without a row and no row without a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldText:
    """A field: its label and its meaning in both languages."""

    ru: str
    en: str
    help_ru: str
    help_en: str


FIELD_TEXTS: Mapping[str, FieldText] = {
    "site.name": FieldText(
        "Название", "Name",
        "Название офиса на страницах и в отчётах.",
        "The office's name on pages and in reports.",
    ),
    "site.language": FieldText(
        "Язык", "Language",
        "Язык подсказок и сообщений.",
        "Language of announcements and messages.",
    ),
    "site.country": FieldText(
        "Страна", "Country",
        "Страна: план нумерации, экстренные номера, тоны.",
        "Country: numbering plan, emergency numbers, tones.",
    ),
    "site.timezone": FieldText(
        "Часовой пояс", "Time zone",
        "Часовой пояс журнала и расписаний.",
        "Time zone of the journal and of schedules.",
    ),
    "site.default_extension": FieldText(
        "Номер по умолчанию", "Default extension",
        "Сюда звонят вызовы на неизвестный городской номер.",
        "Rings when an unknown outside number is called.",
    ),
    "site.ring_time_s": FieldText(
        "Время звонка", "Ring time",
        "Сколько звонит внутренний номер, секунд.",
        "How long an extension rings, in seconds.",
    ),
    "site.sip_realm": FieldText(
        "SIP realm", "SIP realm",
        "Имя, которое телефоны видят при запросе пароля.",
        "The name that phones are shown when asked for their secret.",
    ),
    "site.local_networks": FieldText(
        "Местные сети", "Local networks",
        "Сети, которые считаются своими, без NAT.",
        "Networks that count as ours, with no NAT between.",
    ),
    "site.external_address": FieldText(
        "Внешний адрес", "External address",
        "Наш публичный адрес, если перед нами NAT; пусто — нет.",
        "Our public address when NAT stands before us; empty = none.",
    ),
    "site.session_expires_s": FieldText(
        "Таймер сеанса", "Session timer",
        "Через сколько секунд проверяется, жив ли разговор (RFC 4028).",
        "After how many seconds a call is checked to be alive (RFC 4028).",
    ),
    "site.media_timeout_s": FieldText(
        "Ожидание звука", "Media timeout",
        "Сколько секунд разговор живёт без звука в обе стороны.",
        "How many seconds a call lives with no sound in either direction.",
    ),
    "site.registration_min_s": FieldText(
        "Срок регистрации от", "Shortest registration",
        "Наименьший срок регистрации телефона, секунд.",
        "The shortest registration that a phone gets, in seconds.",
    ),
    "site.registration_max_s": FieldText(
        "Срок регистрации до", "Longest registration",
        "Наибольший срок регистрации телефона, секунд.",
        "The longest registration that a phone gets, in seconds.",
    ),
    "site.qualify_s": FieldText(
        "Проверка телефонов", "Phone check",
        "Как часто спрашивать телефоны, на связи ли они, секунд.",
        "How often phones are asked whether they answer, in seconds.",
    ),
    "dialling.name": FieldText(
        "Профиль", "Profile",
        "P9: в город через 9; P0: через 0; none: без префикса; custom: свой.",
        "P9: outside with 9; P0: with 0; none: no prefix; custom: your own.",
    ),
    "dialling.outside_prefix": FieldText(
        "Выход в город", "Outside prefix",
        "Цифры выхода в город; те, что у профиля.",
        "The digits that lead outside; those of the profile.",
    ),
    "dialling.area_code": FieldText(
        "Код города", "Area code",
        "Код города этого офиса.",
        "This office's area code.",
    ),
    "dialling.local_length": FieldText(
        "Длина местного номера", "Local length",
        "Сколько цифр в номере внутри города.",
        "How many digits a number has inside the city.",
    ),
    "dialling.inter_digit_s": FieldText(
        "Ожидание цифры", "Inter-digit time",
        "Сколько секунд ждать следующей цифры, если номер может продолжиться.",
        "How many seconds to wait for the next digit when more could come.",
    ),
    "dialling.pickup_code": FieldText(
        "Код перехвата", "Pickup code",
        "Забирает вызов, звонящий в своей группе; пусто — выключено.",
        "Takes a call that rings in one's own group; empty = off.",
    ),
    "dialling.echo_code": FieldText(
        "Код эхо-теста", "Echo code",
        "Возвращает сказанное; пусто — выключено.",
        "Gives back what one says; empty = off.",
    ),
    "dialling.directed_pickup_code": FieldText(
        "Код перехвата номера", "Directed pickup code",
        "Вместе с номером забирает вызов, звонящий на нём; пусто — выключено.",
        "With an extension behind it, takes the call that rings there; empty = off.",
    ),
    "dialling.replacements": FieldText(
        "Замены", "Replacements",
        "Замены набранных цифр; только для профиля custom.",
        "Rewriting of dialled digits; for the profile custom only.",
    ),
    "replacements.prefix": FieldText(
        "Набрано", "Dialled",
        "С каких цифр начинается набранное.",
        "The digits that begin what was dialled.",
    ),
    "replacements.length": FieldText(
        "Всего цифр", "Length",
        "Сколько цифр всего; 0 — сколько угодно.",
        "How many digits in all; 0 = any.",
    ),
    "replacements.instead": FieldText(
        "Вместо них", "Instead",
        "Чем эти цифры заменить; пусто — убрать.",
        "What stands in their place; empty = nothing.",
    ),
    "classes.name": FieldText(
        "Имя", "Name",
        "Имя класса.",
        "The class's name.",
    ),
    "classes.allows": FieldText(
        "Разрешено", "Allows",
        "Виды вызовов, которые разрешены.",
        "Kinds of calls that are allowed.",
    ),
    "classes.countries": FieldText(
        "Страны", "Countries",
        "Открытые страны: коды (BY), префиксы (+375) или «*» — все.",
        "Open countries: codes (BY), prefixes (+375), or “*” for all.",
    ),
    "extensions.number": FieldText(
        "Номер", "Number",
        "Внутренний номер.",
        "The extension's number.",
    ),
    "extensions.name": FieldText(
        "Имя", "Name",
        "Имя владельца на экранах телефонов.",
        "The owner's name on phone displays.",
    ),
    "extensions.secret": FieldText(
        "Пароль", "Secret",
        "Пароль телефона для регистрации.",
        "The phone's secret for registering.",
    ),
    "extensions.class_of_service": FieldText(
        "Класс доступа", "Class of service",
        "Куда этому номеру разрешено звонить.",
        "Where this extension may call.",
    ),
    "extensions.caller_id": FieldText(
        "Номер наружу", "Caller ID",
        "Номер, который видят снаружи; пусто — номер транка.",
        "The number shown outside; empty = the trunk's.",
    ),
    "extensions.pickup_group": FieldText(
        "Группа перехвата", "Pickup group",
        "Члены одной группы забирают вызовы друг друга; пусто — ни с кем.",
        "Members of one group pick up each other's calls; empty = nobody.",
    ),
    "extensions.max_calls": FieldText(
        "Вызовов сразу", "Most calls",
        "Сколько вызовов одновременно.",
        "How many calls at the same time.",
    ),
    "extensions.max_bindings": FieldText(
        "Телефонов", "Most phones",
        "Сколько телефонов может зарегистрироваться.",
        "How many phones may register.",
    ),
    "extensions.ring_time_s": FieldText(
        "Время звонка", "Ring time",
        "Сколько звонить, секунд; 0 — как у офиса.",
        "How long to ring, in seconds; 0 = the office's.",
    ),
    "extensions.is_enabled": FieldText(
        "Включён", "Enabled",
        "Выключенный номер не регистрируется и не звонит.",
        "A number that is switched off neither registers nor rings.",
    ),
    "trunks.name": FieldText(
        "Имя", "Name",
        "Имя транка в правилах и журнале.",
        "The trunk's name in rules and the journal.",
    ),
    "trunks.preset": FieldText(
        "Оператор", "Provider",
        "По какому шаблону оператора настроен; для справки.",
        "The provider preset it was made from; for information.",
    ),
    "trunks.host": FieldText(
        "Сервер", "Server",
        "Имя или адрес сервера оператора.",
        "The provider's server: a name or an address.",
    ),
    "trunks.port": FieldText(
        "Порт", "Port",
        "Порт сервера; 0 — найти по DNS (RFC 3263).",
        "The server's port; 0 = found in DNS (RFC 3263).",
    ),
    "trunks.transport": FieldText(
        "Транспорт", "Transport",
        "Чем идут сообщения SIP.",
        "What carries SIP messages.",
    ),
    "trunks.outbound_proxy": FieldText(
        "Исходящий прокси", "Outbound proxy",
        "Через кого посылать, сервер или сервер:порт; пусто — прямо.",
        "Whom to send through, host or host:port; empty = directly.",
    ),
    "trunks.domain": FieldText(
        "Домен", "Domain",
        "Домен в адресах SIP; пусто — как сервер.",
        "The domain in SIP addresses; empty = the server.",
    ),
    "trunks.authentication": FieldText(
        "Вход", "Authentication",
        "registration: по паролю; address: оператор знает наш адрес.",
        "registration: with a secret; address: the provider knows our address.",
    ),
    "trunks.username": FieldText(
        "Пользователь", "User name",
        "Имя или номер, выданные оператором.",
        "The name or number that the provider gave.",
    ),
    "trunks.auth_username": FieldText(
        "Имя для пароля", "Authentication name",
        "Имя при проверке пароля; пусто — как пользователь.",
        "The name that goes with the secret; empty = the user name.",
    ),
    "trunks.secret": FieldText(
        "Пароль", "Secret",
        "Пароль, выданный оператором.",
        "The secret that the provider gave.",
    ),
    "trunks.realm": FieldText(
        "Realm", "Realm",
        "Кому отвечать паролем; пусто — realm не проверяется.",
        "Whom the secret is answered to; empty = the realm is not checked.",
    ),
    "trunks.source_addresses": FieldText(
        "Адреса оператора", "Provider's addresses",
        "С каких адресов приходят его вызовы.",
        "From which addresses its calls come.",
    ),
    "trunks.number_form": FieldText(
        "Вид номера", "Number form",
        "+e164: +7495…; e164: 7495…; national: 8495…; local: местный без кода.",
        "+e164: +7495…; e164: 7495…; national: 8495…; local: local ones without the area code.",
    ),
    "trunks.caller_id": FieldText(
        "Номер наружу", "Caller ID",
        "Номер, который видят снаружи.",
        "The number that is shown outside.",
    ),
    "trunks.caller_id_header": FieldText(
        "Где номер наружу", "Caller ID header",
        "Заголовок SIP с номером: from, pai, ppi, rpid.",
        "The SIP header with the number: from, pai, ppi, rpid.",
    ),
    "trunks.did_from": FieldText(
        "Где набранный номер", "Called number from",
        "Откуда брать набранный городской номер: request_uri или to.",
        "Where the called number is read: request_uri or to.",
    ),
    "trunks.max_calls": FieldText(
        "Вызовов сразу", "Most calls",
        "Сколько вызовов одновременно; дальше — следующий путь.",
        "How many calls at the same time; beyond that, the next way.",
    ),
    "trunks.registration_expires_s": FieldText(
        "Срок регистрации", "Registration time",
        "На сколько секунд просить регистрацию.",
        "For how many seconds a registration is asked.",
    ),
    "trunks.qualify_s": FieldText(
        "Проверка связи", "Check",
        "Как часто спрашивать сервер, жив ли он, секунд; 0 — не спрашивать.",
        "How often the server is asked whether it lives, in seconds; 0 = never.",
    ),
    "trunks.no_answer_s": FieldText(
        "Ждать ответа", "Silence",
        "После скольких секунд молчания идти следующим путём.",
        "After how many seconds of silence the next way is tried.",
    ),
    "trunks.leave_on": FieldText(
        "Уходить при", "Leave on",
        "Ответы SIP, после которых берётся следующий путь.",
        "SIP statuses after which the next way is tried.",
    ),
    "trunks.is_enabled": FieldText(
        "Включён", "Enabled",
        "Выключенный транк не звонит и не принимает.",
        "A trunk that is switched off neither calls nor takes calls.",
    ),
    "rules.name": FieldText(
        "Имя", "Name",
        "Имя правила в журнале и объяснениях.",
        "The rule's name in the journal and in explanations.",
    ),
    "rules.kinds": FieldText(
        "Вызовы", "Kinds",
        "Виды вызовов, для которых правило; emergency лишь упорядочивает пути.",
        "Kinds of calls it serves; emergency only puts ways in order.",
    ),
    "rules.prefix": FieldText(
        "Префикс", "Prefix",
        "С чего начинается номер в виде E.164 без плюса (7495); пусто — все.",
        "How the number begins as E.164 without plus (7495); empty = all.",
    ),
    "rules.ways": FieldText(
        "Пути", "Ways",
        "Транки по порядку: не вышло одним — следующим.",
        "Trunks in order: when one fails, the next.",
    ),
    "rules.is_enabled": FieldText(
        "Включено", "Enabled",
        "Выключенное правило пропускается.",
        "A rule that is switched off is skipped.",
    ),
    "dids.number": FieldText(
        "Номер", "Number",
        "Городской номер: плюс, код страны, номер.",
        "The outside number: plus, country code, number.",
    ),
    "dids.trunk": FieldText(
        "Транк", "Trunk",
        "По какому транку он приходит.",
        "The trunk that it comes in by.",
    ),
    "dids.extension": FieldText(
        "Звонит на", "Rings",
        "Какой внутренний номер звонит.",
        "The extension that rings.",
    ),
    "dids.is_enabled": FieldText(
        "Включён", "Enabled",
        "Вызовам на выключенный номер отвечают «нет такого номера».",
        "Calls to a number that is switched off hear “no such number”.",
    ),
}  # fmt: skip
