"""What the screen of the demo says: what to type into a softphone, and what to dial.

PURE. A Sheet is the facts, for programs too; ``sheet_lines`` puts them in words. What is promised
of a number is what the classes of the office, its profile P9 and manners.py make of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from appliance.commands.table import table_lines
from appliance.config.model import Document
from appliance.config.presets.factory import class_titles
from appliance.config.texts import Text

#: What to dial from 2001, and what happens then.
EXAMPLES: Mapping[str, Text] = {
    "2002": Text(
        "Звонит телефон-имитатор 2002; трубку снимает «lines lift»",
        "Rings the simulated telephone 2002; “lines lift” lifts it",
    ),
    "2004": Text(
        "Отвечает настольный телефон-имитатор, который сам взял этот номер (./run --demo)",
        "An emulated desk phone answers that claimed this number (./run --demo)",
    ),
    "97771234": Text(
        "Город по проводу-имитатору: гудок станции, ответ, эхо",
        "A city number by a simulated wire: the exchange's tones, an answer, echo",
    ),
    "*43": Text("Эхо: слышите сами себя", "Echo: you hear yourself"),
    "95551234": Text(
        "Город (Москва): гудки, голос оператора, потом эхо",
        "A city number (Moscow): ringing, the provider's voice, then echo",
    ),
    "989035551234": Text("Мобильный: так же", "A mobile number: the same"),
    "112": Text(
        "Экстренный вызов без девятки; здесь отвечает оператор-имитатор",
        "Emergency without the 9; here the simulated provider answers",
    ),
    "98104930123456": Text(
        "За границу: с 2001 запрещено, скажут почему; с 2009 пройдёт",
        "Abroad: barred for 2001, a voice says so; 2009 gets through",
    ),
    "95550100": Text("Занято", "Busy"),
    "95550101": Text("Гудки без ответа", "Rings, nobody answers"),
    "95550102": Text("Оператор перегружен (503)", "The provider is overloaded (503)"),
    "95550103": Text("Нет такого номера", "No such number"),
}

_COLUMNS = (
    Text("Пользователь", "User"),
    Text("Пароль", "Password"),
    Text("Имя", "Name"),
    Text("Городской номер", "Number outside"),
    Text("Что разрешено", "May call"),
)
_DIAL_COLUMNS = (Text("Наберите", "Dial"), Text("Что будет", "What happens"))
_INTRODUCTION = Text(
    "Готовый офис Dozvon с оператором-имитатором. Данные: {folder}\n"
    "\n"
    "1. В программный телефон (Linphone, MicroSIP, baresip …) впишите:\n"
    "   сервер (домен)  {server}{port}\n"
    "   транспорт       UDP или TCP, без шифрования\n"
    "   пользователь и пароль — любая строка таблицы; имя для входа то же:\n",
    "A ready Dozvon office with a simulated provider. Data: {folder}\n"
    "\n"
    "1. Type into a softphone (Linphone, MicroSIP, baresip …):\n"
    "   server (domain)  {server}{port}\n"
    "   transport        UDP or TCP, no encryption\n"
    "   user and password: any row of this table; the login name is the same:\n",
)
_DIALLING = Text(
    "2. Наберите. Профиль набора P9: наружу через 9, как принято в офисах; так городские номера\n"
    "   не путаются с внутренними.\n",
    "2. Dial. The dial profile is P9: 9 leads outside, as in most offices, so that city numbers\n"
    "   and extensions never collide.\n",
)
_FURTHER = Text(
    "3. Звонок из города: {dozvon} demo call{option} звонит на {did} (номер 2001).\n"
    "   Эта таблица ещё раз: {dozvon} demo show{option}\n"
    "   Другие команды: {dozvon} --data {folder} status | calls | journal\n"
    "   Почему так: {dozvon} --data {folder} explain 95551234 --from 2001\n"
    "   Провода-имитаторы: {dozvon} --data {folder} lines\n"
    "   (трубку снимает «lines lift 'desk 2002'», с города звонит «lines ring 'city 1'»)\n"
    "   Настольные телефоны-имитаторы — на странице «Телефоны»: первый берёт 2004 сам, другим\n"
    "   дайте номера там же, или кодом: {dozvon} --data {folder} phones code 2006,\n"
    "   и наберите его на телефоне: {dozvon} demo dial snom КОД{option}\n"
    "   Оператор — отдельный процесс на 127.0.0.1:{provider_port}; наружу звонки не уходят.\n",
    "3. A call from outside: {dozvon} demo call{option} calls {did} (2001's number).\n"
    "   This table again: {dozvon} demo show{option}\n"
    "   Other commands: {dozvon} --data {folder} status | calls | journal\n"
    "   Why it goes so: {dozvon} --data {folder} explain 95551234 --from 2001\n"
    "   Simulated wires: {dozvon} --data {folder} lines\n"
    "   (“lines lift 'desk 2002'” lifts one, “lines ring 'city 1'” calls from the city)\n"
    "   Emulated desk phones are on the page Phones: the first takes 2004 by itself; give the\n"
    "   others numbers there, or by a code: {dozvon} --data {folder} phones code 2006,\n"
    "   dialled on the phone: {dozvon} demo dial snom CODE{option}\n"
    "   The provider is a process of its own at 127.0.0.1:{provider_port}; no call leaves this\n"
    "   machine.\n",
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A row of the table: what a softphone needs. class_of_service: key of the class."""

    user: str
    password: str
    name: str
    did: str
    class_of_service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The facts. server: address for phones; dozvon: how to call the command line here;
    option: what must be added to ``dozvon demo …`` to find this folder."""

    folder: str
    server: str
    sip_port: int
    provider_port: int
    phones: tuple[Phone, ...]
    dozvon: str
    option: str


def phones_of(document: Document) -> tuple[Phone, ...]:
    """The rows, in the order of the settings."""
    did_of = {d.extension: d.number for d in reversed(document.dids)}
    return tuple(
        Phone(e.number, e.secret, e.name, did_of.get(e.number, ""), e.class_of_service)
        for e in document.extensions
    )


def sheet_data(sheet: Sheet, language: str) -> dict[str, Any]:
    """For programs; holds the passwords, as the screen does."""
    examples = [{"dial": n, "result": text.of(language)} for n, text in EXAMPLES.items()]
    return {**asdict(sheet), "examples": examples}


def sheet_lines(sheet: Sheet, language: str) -> list[str]:
    """For a person."""
    titles = class_titles(language)
    rows = [
        (p.user, p.password, p.name, p.did, titles.get(p.class_of_service, p.class_of_service))
        for p in sheet.phones
    ]
    facts = {
        "folder": sheet.folder,
        "server": sheet.server,
        "port": "" if sheet.sip_port == 5060 else f":{sheet.sip_port}",
        "did": sheet.phones[0].did if sheet.phones else "",
        "dozvon": sheet.dozvon,
        "option": sheet.option,
        "provider_port": sheet.provider_port,
    }
    dialled = [(number, text.of(language)) for number, text in EXAMPLES.items()]
    return [
        *_filled(_INTRODUCTION, facts, language),
        *_indented(table_lines(_COLUMNS, rows, language)),
        "",
        *_filled(_DIALLING, facts, language),
        *_indented(table_lines(_DIAL_COLUMNS, dialled, language)),
        "",
        *_filled(_FURTHER, facts, language),
    ]


def _filled(text: Text, facts: Mapping[str, object], language: str) -> list[str]:
    return text.of(language).format_map(facts).splitlines()


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"   {line}" for line in lines]
