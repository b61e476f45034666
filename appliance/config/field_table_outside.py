"""Label and meaning of the fields of trunks, rules and outside numbers, in RU and EN.

PURE. The second half of field_table.py's table, and the shape of its rows.
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


OUTSIDE_FIELD_TEXTS: Mapping[str, FieldText] = {
    "trunks.name": FieldText(
        "Имя", "Name",
        "Имя линии в правилах и журнале.",
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
        "По паролю (registration) или по нашему адресу (address).",
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
        "Включена", "Enabled",
        "Выключенная линия не звонит и не принимает.",
        "A trunk that is switched off neither calls nor takes calls.",
    ),
    "rules.name": FieldText(
        "Имя", "Name",
        "Имя правила в журнале и объяснениях.",
        "The rule's name in the journal and in explanations.",
    ),
    "rules.kinds": FieldText(
        "Вызовы", "Kinds",
        "Виды вызовов, для которых правило; экстренным оно лишь упорядочивает пути.",
        "Kinds of calls it serves; emergency only puts ways in order.",
    ),
    "rules.prefix": FieldText(
        "Префикс", "Prefix",
        "С чего начинается номер в виде E.164 без плюса (7495); пусто — все.",
        "How the number begins as E.164 without plus (7495); empty = all.",
    ),
    "rules.ways": FieldText(
        "Пути", "Ways",
        "Линии и провода по порядку: не вышло одним путём — следующим.",
        "Trunks and lines in order: when one fails, the next.",
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
        "Линия", "Trunk",
        "По какой линии или проводу он приходит.",
        "The trunk or line that it comes in by.",
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
