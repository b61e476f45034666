"""Label and meaning of the fields of phones and of their setting up, in RU and EN.

PURE. A part of field_table.py's table.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.field_table_outside import FieldText

PHONE_FIELD_TEXTS: Mapping[str, FieldText] = {
    "provisioning.is_enabled": FieldText(
        "Настраивать телефоны", "Set phones up",
        "Станция сама настраивает телефоны в своей сети.",
        "The box sets up the phones of its network by itself.",
    ),
    "provisioning.tftp": FieldText(
        "TFTP", "TFTP",
        "needed: только моделям, которые иначе не умеют; all: всем; off: никому.",
        "needed: only for models that know nothing else; all: for every phone; off: for none.",
    ),
    "provisioning.gives_guests": FieldText(
        "Телефоны без номера", "Phones without a number",
        "Новый телефон сразу может набрать код привязки и экстренный номер, и больше ничего.",
        "A new phone can at once dial a claim code and emergency numbers, and nothing else.",
    ),
    "provisioning.opens_by_key": FieldText(
        "Пароли по кнопке на телефоне", "Passwords by a key of the phone",
        "Новый телефон, которому номер уже назначен, берёт пароли после нажатия кнопки на нём; "
        "без этого окно открывают на странице.",
        "A new phone that was given its number already takes its passwords when a key is pressed "
        "on it; otherwise its window is opened on its page.",
    ),
    "provisioning.takes_old_tls": FieldText(
        "Старый TLS", "Old TLS",
        "Отдельный порт с TLS 1.0 для старых телефонов.",
        "A port of its own with TLS 1.0 for old phones.",
    ),
    "phones.mac": FieldText(
        "MAC-адрес", "MAC address",
        "Двенадцать цифр с наклейки, строчными и без разделителей: 805ec0a1b2c3.",
        "The twelve digits of its label, lower case and without separators: 805ec0a1b2c3.",
    ),
    "phones.label": FieldText(
        "Название", "Label",
        "Как телефон называется на страницах: кабинет, стол.",
        "What the phone is called on pages: a room, a desk.",
    ),
    "phones.brand": FieldText(
        "Марка", "Brand",
        "Марка; пусто — та, о которой скажет сам телефон.",
        "Its brand; empty = what the phone itself tells.",
    ),
    "phones.model": FieldText(
        "Модель", "Model",
        "Модель; пусто — та, о которой скажет сам телефон.",
        "Its model; empty = what the phone itself tells.",
    ),
    "phones.extensions": FieldText(
        "Номера", "Extensions",
        "Внутренние номера этого телефона, первый — главный; пусто — телефон без номера.",
        "The extensions of this phone, the first is the main one; empty = without a number.",
    ),
    "phones.language": FieldText(
        "Язык", "Language",
        "Язык меню телефона; пусто — как у офиса.",
        "Language of the phone's menus; empty = the office's.",
    ),
    "phones.transport": FieldText(
        "Транспорт", "Transport",
        "Чем идут сообщения SIP телефона.",
        "What carries the phone's SIP messages.",
    ),
    "phones.vlan": FieldText(
        "VLAN", "VLAN",
        "Номер VLAN телефона; 0 — без метки.",
        "The VLAN of the phone; 0 = untagged.",
    ),
    "phones.firmware_url": FieldText(
        "Прошивка", "Firmware",
        "Откуда телефону брать прошивку; пусто — не менять.",
        "Where the phone takes its firmware from; empty = leave it as it is.",
    ),
    "phones.keys": FieldText(
        "Клавиши", "Keys",
        "Программируемые клавиши по порядку.",
        "Programmable keys, in order.",
    ),
    "phones.is_enabled": FieldText(
        "Включён", "Enabled",
        "Выключенному телефону станция не отдаёт настроек.",
        "A phone that is switched off is given no settings.",
    ),
    "keys.kind": FieldText(
        "Вид", "Kind",
        "none: свободна; line: линия; blf: лампа и перехват; speed_dial: набор; park: парковка; "
        "dtmf: тоны; pickup: перехват в группе; voicemail: почта; url: ссылка.",
        "none: free; line: a line; blf: lamp and pickup; speed_dial: a number; park: parking; "
        "dtmf: tones; pickup: pickup in the group; voicemail: mailbox; url: a link.",
    ),
    "keys.value": FieldText(
        "Значение", "Value",
        "Номер, код или ссылка; у line и pickup пусто. У blf — и имя линии: клавиша принимает "
        "звонящий по ней вызов, а в покое направляет по ней следующий звонок.",
        "The number, code or link; empty with line and pickup. With blf also the name of a trunk "
        "or line: its key takes the call that rings by it, and sends the next call that way.",
    ),
    "keys.label": FieldText(
        "Подпись", "Label",
        "Подпись рядом с клавишей; пусто — значение.",
        "What stands beside the key; empty = its value.",
    ),
    "keys.account": FieldText(
        "Какой из номеров", "Which number",
        "Который по порядку номер телефона служит этой клавише.",
        "Which of the phone's extensions this key uses, counted from 1.",
    ),
}  # fmt: skip
