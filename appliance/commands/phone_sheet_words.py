"""Words for what phones are told and for what they asked: rows of the sheet, hints, alarms.

PURE tables by stable key, in RU and EN. The keys are those of provisioning/sheet.py and
identify.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

SHEET_COLUMNS = (Text("Что", "What"), Text("Значение", "Value"))
SHEET_ROWS: Mapping[str, Text] = {
    "user": Text("Номер (пользователь SIP)", "Number (SIP user)"),
    "auth_user": Text("Имя для входа", "Authentication name"),
    "password": Text("Пароль (dozvon config export)", "Password (dozvon config export)"),
    "name": Text("Имя на экране", "Display name"),
    "server": Text("Сервер SIP", "SIP server"),
    "port": Text("Порт SIP", "SIP port"),
    "transport": Text("Транспорт", "Transport"),
    "expires": Text("Срок регистрации, с", "Registration expires, s"),
    "codecs": Text("Кодеки по порядку", "Codecs in order"),
    "dtmf": Text("DTMF", "DTMF"),
    "ntp": Text("Сервер времени", "Time server"),
    "timezone": Text("Часовой пояс", "Time zone"),
    "voicemail": Text("Номер голосовой почты", "Voicemail number"),
    "pickup": Text("Перехват в группе", "Group pickup"),
    "directed_pickup": Text("Перехват номера", "Directed pickup"),
    "vlan": Text("VLAN", "VLAN"),
}
HINTS: Mapping[str, Text] = {
    "identify.unknown_brand": Text(
        "марка незнакома: посмотрите dozvon phones sheet", "brand not known: dozvon phones sheet"
    ),
    "identify.only_by_link": Text(
        "программе дают номер ссылкой: страница внутреннего номера",
        "programs get their extension by a link: the page of the extension",
    ),
    "identify.unknown_file": Text("такого файла нет", "there is no such file"),
    "identify.unknown_model": Text(
        "модель незнакома: дано как ближайшей", "model not known: served as the nearest one"
    ),
    "identify.only_by_hand": Text(
        "эту марку настраивают вручную: dozvon phones sheet",
        "this brand is set up by hand: dozvon phones sheet",
    ),
    "identify.mac_differs_from_agent": Text(
        "MAC в имени файла и в User-Agent разные", "MAC of the file's name and User-Agent differ"
    ),
    "identify.mac_differs_from_neighbour": Text(
        "MAC не тот, что у соседа в сети", "the MAC is not that of the neighbour who asks"
    ),
    "identify.brand_differs": Text("файл другой марки", "a file of another brand"),
    "identify.maker_differs": Text("MAC другого производителя", "the MAC belongs to another maker"),
}
