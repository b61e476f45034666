"""Words for desk phones: states, reasons, verdicts, hints, alerts and errors, in RU and EN.

PURE tables by stable key; words.py and texts.py take what is theirs from here.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.texts import Text

PHONE_STATES: Mapping[str, Text] = {
    "registered": Text("на связи", "registered"),
    "unreachable": Text("не отвечает", "does not answer"),
    "unregistered": Text("нет регистрации", "not registered"),
    "unclaimed": Text("без номера", "without a number"),
    "disabled": Text("выключен", "switched off"),
}
#: Why a phone is not registered, and what to do.
PHONE_WHYS: Mapping[str, Text] = {
    "never_seen": Text(
        "ни разу не спрашивал настройки: проверьте кабель и DHCP (dozvon dhcp)",
        "has never asked for its settings: check the cable and DHCP (dozvon dhcp)",
    ),
    "needs_window": Text(
        "паролей у него нет: откройте окно (dozvon phones window MAC) и перезапустите телефон",
        "has no passwords: open its window (dozvon phones window MAC) and restart the phone",
    ),
    "waits_for_key": Text(
        "паролей у него нет: нажмите на нём кнопку «Получить номер» или наберите *9",
        "has no passwords: press “Get the number” on it, or dial *9",
    ),
    "wrong_address": Text(
        "настройки этого MAC просил другой аппарат: посмотрите журнал запросов",
        "another device asked for this MAC's settings: look at the log of requests",
    ),
    "banned": Text(
        "его адрес закрыт за неверные пароли: dozvon bans",
        "its address is shut out for wrong passwords: dozvon bans",
    ),
    "link_down": Text(
        "давно не виден: проверьте кабель, коммутатор и питание",
        "was not seen for long: check the cable, the switch and the power",
    ),
    "not_seen_by_sip": Text(
        "настройки взял, но по SIP не пришёл: проверьте порт SIP и брандмауэр",
        "took its settings but did not come by SIP: check the SIP port and the firewall",
    ),
    "not_yet": Text("настройки взял, ждём регистрации", "took its settings, registers soon"),
}
VERDICTS: Mapping[str, Text] = {
    "full": Text("всё, с паролями", "all, with passwords"),
    "plain": Text("без паролей", "without passwords"),
    "guest": Text("телефон без номера", "phone without a number"),
    "public": Text("общий файл", "common file"),
    "challenge": Text("спрошен пароль телефона", "asked for the phone's own secret"),
    "wrong_proof": Text("неверный пароль телефона", "wrong secret of the phone"),
    "mismatch": Text("чужой MAC", "another's MAC"),
    "stranger": Text("неизвестный", "stranger"),
    "unknown": Text("незнакомый запрос", "unknown request"),
    "outside": Text("не из нашей сети", "not from our network"),
    "throttled": Text("слишком много промахов", "too many misses"),
    "switched_off": Text("выключено", "switched off"),
    "tftp_off": Text("TFTP для этой модели закрыт", "TFTP is off for this model"),
    "unwritable": Text(
        "в файл не записать одно из значений", "one of the values cannot stand in the file"
    ),
    "unavailable": Text("станция не отвечала", "the box did not answer"),
    "link": Text("номер по одноразовой ссылке", "an extension by a one-time link"),
    "link_shown": Text("ссылка открыта в браузере", "a link opened in a browser"),
    "link_used": Text("ссылка уже использована", "a link that was used already"),
    "link_late": Text("ссылка устарела", "a link that is too old"),
    "link_wrong": Text("такой ссылки не было", "a link that nobody made"),
}
PHONE_COLUMNS = (
    Text("MAC", "MAC"),
    Text("Номера", "Extensions"),
    Text("Модель", "Model"),
    Text("Адрес", "Address"),
    Text("Состояние", "State"),
    Text("Окно, с", "Window, s"),
    Text("Свой пароль", "Own login"),
)
REQUEST_COLUMNS = (
    Text("Когда", "When"),
    Text("Адрес", "Address"),
    Text("MAC", "MAC"),
    Text("Чем", "By"),
    Text("Файл", "File"),
    Text("Ответ", "Answer"),
    Text("Кто", "Who"),
)
SCAN_COLUMNS = (
    Text("Адрес", "Address"),
    Text("MAC", "MAC"),
    Text("Марка", "Brand"),
    Text("Уже спрашивал", "Has asked"),
)
PHONE_WORDS: Mapping[str, Text] = {
    "no_phones": Text(
        "Телефонов ещё не видно. Включите телефон в эту сеть или задайте: dozvon dhcp",
        "No phone was seen yet. Plug one into this network, or see: dozvon dhcp",
    ),
    "none_found": Text(
        "Телефонов известных марок в наших сетях не видно. Проверьте кабель и VLAN.",
        "No phone of a known maker is seen in our networks. Check the cable and the VLAN.",
    ),
    "emulated": Text("(имитатор)", "(emulated)"),
    "no_requests": Text("Запросов ещё не было.", "There were no requests yet."),
    "window_open": Text(
        "Окно открыто на {left_s} с: телефон возьмёт пароли при следующем запросе.",
        "The window is open for {left_s} s: the phone takes its passwords with its next request.",
    ),
    "window_closed": Text("Окно закрыто.", "The window is closed."),
    "code": Text(
        "Код привязки номера {extension}:  {code}   (наберите его на новом телефоне; до {until})",
        "Claim code of {extension}:  {code}   (dial it on the new phone; until {until})",
    ),
    "claimed": Text(
        "Номер {extension} отдан телефону {mac} (ревизия {applied}).",
        "Extension {extension} was given to phone {mac} (revision {applied}).",
    ),
    "login": Text(
        "Веб-пароль телефона (admin):  {password}", "Web password of the phone (admin):  {password}"
    ),
    "resync": Text("Телефону велено перечитать настройки.", "The phone is told to read again."),
    "renewed": Text(
        "У телефона новые секреты; откройте окно, чтобы он их взял.",
        "The phone has new secrets; open its window so that it takes them.",
    ),
    "forgotten": Text("Телефон забыт.", "The phone is forgotten."),
    "not_known": Text("Такого телефона не видели.", "No such phone was seen."),
}
PHONE_ALERTS: Mapping[str, Text] = {
    "phones_enumerated": Text(
        "Кто-то перебирает файлы телефонов; адресу 10 минут не отвечаем",
        "Somebody tries names of phones' files; the address gets no answer for 10 minutes",
    ),
    "phone_mismatch": Text(
        "Аппарат просит настройки чужого телефона (адрес, его MAC, чужой MAC)",
        "A device asks for another phone's settings (address, its MAC, the other's MAC)",
    ),
    "phone_unwritable": Text(
        "Телефон остался без настроек: значение не записать в его файл (телефон, файл, место и"
        " причина)",
        "A phone got no settings: a value cannot stand in its file (phone, file, place and why)",
    ),
    "subscriptions_of_extension": Text(
        "Телефоны номера подписались на лампы столько раз, сколько можно (номер, предел)",
        "An extension's phones subscribe to as many lamps as they may (extension, limit)",
    ),
    "subscriptions_full": Text(
        "Места для ламп телефонов кончились (предел, у какого номера больше всех)",
        "There is no more room for lamps of phones (limit, the extension that holds most)",
    ),
    "phone_claims_guessed": Text(
        "На телефоне без номера подбирают код привязки",
        "Claim codes are guessed on a phone without a number",
    ),
}
PHONE_ERRORS: Mapping[str, Text] = {
    "phone.bad_mac": Text(
        "«{value}» — не MAC-адрес. Впишите двенадцать цифр с наклейки телефона.",
        "“{value}” is no MAC address. Write the twelve digits of the phone's label.",
    ),
    "phone.not_configured": Text(
        "У телефона {mac} нет номера. Сначала дайте его: dozvon phones claim {mac} НОМЕР.",
        "Phone {mac} has no extension. Give it one first: dozvon phones claim {mac} EXT.",
    ),
    "phone.unknown": Text(
        "Телефон {mac} ещё не виден. Включите его в сеть станции и повторите.",
        "Phone {mac} was not seen yet. Plug it into the box's network and try again.",
    ),
    "phone.no_such_app": Text(
        "Программа «{app}» станции неизвестна. Выберите другую или впишите значения по листу.",
        "The program “{app}” is not known here. Choose another, or type the sheet's values in.",
    ),
    "phone.no_server": Text(
        "Служба настройки телефонов не работает. Запустите её: systemctl start dozvon-phones.",
        "The service that sets phones up does not run. Start it: systemctl start dozvon-phones.",
    ),
    "phone.no_such_extension": Text(
        "Внутреннего номера «{extension}» нет. Список: dozvon registrations.",
        "There is no extension “{extension}”. See: dozvon registrations.",
    ),
}
