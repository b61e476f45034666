"""Words of ``dozvon dhcp``, in RU and EN.

PURE tables by stable key.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

OPTION_COLUMNS = (
    Text("Опция", "Option"),
    Text("Значение", "Value"),
    Text("Шестнадцатерично", "Hexadecimal"),
    Text("Кто читает", "Who reads it"),
)
#: Who reads an option (docs/phones.md has the order).
READERS: Mapping[int, str] = {
    66: "Yealink, Grandstream, Snom, Fanvil, Poly, Cisco, Gigaset, Htek, Panasonic",
    43: "Yealink, Grandstream, Fanvil, Htek",
    150: "Cisco",
    159: "Cisco, Panasonic",
    160: "Poly, Yealink, Cisco, Panasonic, AudioCodes",
    114: "Gigaset",
}
VERDICTS: Mapping[str, Text] = {
    "right": Text("верно", "right"),
    "missing": Text("нет", "missing"),
    "other": Text("другое", "other"),
}
DHCP_WORDS: Mapping[str, Text] = {
    "values": Text(
        "Впишите это в роутер, чтобы телефоны нашли станцию:",
        "Type this into the router, so that phones find the box:",
    ),
    "which": Text(
        "Чаще всего хватает опции 66. Проверить, что роутер её отдаёт: dozvon dhcp check",
        "Option 66 is mostly enough. To see whether the router tells it: dozvon dhcp check",
    ),
    "no_server": Text(
        "Ни один DHCP-сервер не ответил. Проверьте кабель, или раздайте адреса сами: "
        "dozvon dhcp serve ПЕРВЫЙ ПОСЛЕДНИЙ",
        "No DHCP server answered. Check the cable, or give addresses out yourself: "
        "dozvon dhcp serve FIRST LAST",
    ),
    "good": Text("Телефоны найдут станцию.", "Phones will find the box."),
    "bad": Text(
        "Сервер не говорит телефонам о станции. Впишите значения: dozvon dhcp",
        "A server does not tell phones of the box. Type the values in: dozvon dhcp",
    ),
    "serving": Text(
        "Раздаём адреса на {interface}; остановить: Ctrl+C.",
        "Addresses are given out on {interface}; Ctrl+C stops it.",
    ),
}
DHCP_ERRORS: Mapping[str, Text] = {
    "dhcp.not_allowed": Text(
        "Нет прав на порт DHCP. Повторите через sudo.",
        "The DHCP port may not be opened. Try again with sudo.",
    ),
    "dhcp.cannot_ask": Text(
        "Не удалось спросить DHCP на {interface}: {said}. Проверьте имя и кабель.",
        "DHCP cannot be asked on {interface}: {said}. Check its name and the cable.",
    ),
    "dhcp.no_interface": Text(
        "Нет сети с адресом IPv4 ({interface}). Проверьте кабель или назовите другую: --interface.",
        "There is no network with an IPv4 address ({interface}). Check the cable, or name another: "
        "--interface.",
    ),
    "dhcp.no_dnsmasq": Text(
        "Программы dnsmasq нет. Поставьте её: apt install dnsmasq-base.",
        "The program dnsmasq is missing. Install it: apt install dnsmasq-base.",
    ),
    "dhcp.another_server": Text(
        "Адреса в этой сети уже раздаёт {server}; двух серверов быть не должно. "
        "Впишите значения в него: dozvon dhcp.",
        "{server} already gives addresses out in this network; there must not be two. "
        "Type the values in there: dozvon dhcp.",
    ),
    "dhcp.bad_range": Text(
        "Первый и последний адрес должны лежать в {network} и не включать адрес станции. "
        "Исправьте их.",
        "The first and the last address must lie in {network} and leave the box's own out. "
        "Correct them.",
    ),
}
