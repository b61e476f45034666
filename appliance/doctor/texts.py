"""What the doctor says: a sentence for each finding, with what to do. PURE. A table, RU and EN."""

from __future__ import annotations

from collections.abc import Mapping

from appliance.commands.table import clean
from appliance.commands.words import alert_detail, alert_text
from appliance.config.texts import Text
from appliance.doctor.finding import Finding, Level
from appliance.routing.texts import say_why

LEVELS: Mapping[Level, Text] = {
    Level.OK: Text("норма   ", "ok     "),
    Level.WARNING: Text("внимание", "warning"),
    Level.FAULT: Text("СБОЙ    ", "FAULT  "),
}

CHECK_NAMES: Mapping[str, Text] = {
    "service": Text("станция", "service"),
    "disk": Text("диск", "disk"),
    "databases": Text("базы", "databases"),
    "clock": Text("часы", "clock"),
    "addresses": Text("адреса", "addresses"),
    "ports": Text("порты", "ports"),
    "trunks": Text("линии", "trunks"),
    "lines": Text("провода", "lines"),
    "phones": Text("телефоны", "phones"),
    "alerts": Text("тревоги", "alerts"),
}

TEXTS: Mapping[str, Text] = {
    "check.broken": Text(
        "Проверка не удалась: {said}. Сообщите об этом.", "The check broke: {said}. Report it."
    ),
    "alerts.none": Text("С запуска ни одной.", "None since the start."),
    "alerts.raised": Text("Поднята {at}. {alert}: {detail}", "Raised {at}. {alert}: {detail}"),
    "alerts.repeated": Text(
        "Поднята {at}, раз: {count}. {alert}: {detail}",
        "Raised {at}, {count} times. {alert}: {detail}",
    ),
    "alerts.earlier": Text(
        "И раньше ещё {count}: все показывает dozvon status, а страница «Тревоги» говорит, что "
        "делать.",
        "And {count} before: dozvon status shows them all, and the page Alerts says what to do.",
    ),
    "service.runs": Text(
        "Работает, версия {version}, ревизия настроек {revision}.",
        "Runs, version {version}, settings revision {revision}.",
    ),
    "service.uncompiled": Text(
        "Быстрые части не скомпилированы для этих файлов и этого Python: всё работает, но звонок "
        "стоит процессору в несколько раз больше. Поставьте ещё раз: systemd/install.sh или ./run.",
        "The hot parts are not compiled for these files and this Python: all works, but a call "
        "takes several times the processor. Install once more: systemd/install.sh, or ./run.",
    ),
    "service.down": Text(
        "Не работает (папка {folder}). Запустите: ./run или systemctl start dozvon; если не "
        "запускается, причина в её журнале.",
        "Does not run (folder {folder}). Start it: ./run, or systemctl start dozvon; if it does "
        "not start, its log says why.",
    ),
    "service.silent": Text(
        "Запущена, но не отвечает (папка {folder}). Повторите; если так и будет, перезапустите: "
        "systemctl restart dozvon, и посмотрите её журнал.",
        "Runs, but does not answer (folder {folder}). Try again; if it stays so, start it again: "
        "systemctl restart dozvon, and read its log.",
    ),
    "service.forbidden": Text(
        "Вам нельзя обращаться к станции в {folder}, её состояние неизвестно. Повторите через sudo "
        "или от имени её владельца.",
        "You may not ask the box in {folder}, so how it is stays unknown. Try again with sudo, or "
        "as its owner.",
    ),
    "service.closed": Text(
        "Настройки и базы в {folder} вам не видны и не проверены. Повторите через sudo или от "
        "имени владельца станции.",
        "Settings and databases in {folder} are not for your eyes and were not examined. Try again "
        "with sudo, or as the owner of the box.",
    ),
    "service.no_settings": Text(
        "Настройки в {folder} не читаются или их ещё нет. Запустите станцию; если были настройки, "
        "примените сохранённый файл: dozvon config apply.",
        "The settings in {folder} cannot be read, or there are none yet. Start the box; if there "
        "were settings, apply a saved file: dozvon config apply.",
    ),
    "disk.space": Text("Свободно {free} МБ ({folder}).", "{free} MB free ({folder})."),
    "disk.little": Text(
        "Свободно лишь {free} МБ ({folder}). Удалите лишнее: df -h, du -sh.",
        "Only {free} MB free ({folder}). Remove what is not needed: df -h, du -sh.",
    ),
    "disk.full": Text(
        "Диск полон: {free} МБ ({folder}). Освободите место сейчас: журнал звонков не пишется.",
        "The disk is full: {free} MB ({folder}). Make room now: calls are not written down.",
    ),
    "disk.inodes": Text(
        "Кончаются inode: {free} ({folder}). Удалите множество мелких файлов: df -i.",
        "Inodes run out: {free} ({folder}). Remove masses of small files: df -i.",
    ),
    "disk.no_folder": Text(
        "Папки {folder} нет. Укажите папку станции: --data ПАПКА.",
        "There is no folder {folder}. Name the box's folder: --data FOLDER.",
    ),
    "disk.no_write": Text(
        "В {folder} нельзя писать: {said}. Проверьте права и не перешёл ли диск в режим «только "
        "чтение» (mount); старую карту памяти замените.",
        "{folder} cannot be written: {said}. Check its permissions, and whether the disk went "
        "read-only (mount); replace a worn memory card.",
    ),
    "databases.whole": Text("{file} цела.", "{file} is whole."),
    "databases.none": Text(
        "В {folder} ещё нет баз. Запустите станцию или укажите другую папку: --data ПАПКА.",
        "There are no databases in {folder} yet. Start the box, or name another folder: "
        "--data FOLDER.",
    ),
    "databases.damaged": Text(
        "{file} повреждена: {said}. Остановите станцию, отложите файл, запустите снова; "
        "настройки восстановите из файла: dozvon config apply. Замените карту памяти.",
        "{file} is damaged: {said}. Stop the box, move the file aside, start again; bring settings "
        "back from a file: dozvon config apply. Replace the memory card.",
    ),
    "databases.unread": Text(
        "{file} сейчас не читается: {said}. Проверьте место (df -h), диск (dmesg) и кто держит "
        "файл (fuser), и повторите; сам файл может быть цел, не убирайте его.",
        "{file} cannot be read now: {said}. Check the room (df -h), the disk (dmesg) and who holds "
        "the file (fuser), and try again; the file itself may be whole, leave it where it is.",
    ),
    "databases.aside": Text(
        "Раньше были отложены повреждённые базы: {files}. Если всё работает, удалите их; "
        "проверьте карту памяти.",
        "Damaged databases were put aside earlier: {files}. Remove them if all is well; check the "
        "memory card.",
    ),
    "clock.kept": Text("{now}, сверяются по сети (NTP).", "{now}, kept by NTP."),
    "clock.sane": Text("{now}.", "{now}."),
    "clock.alone": Text(
        "{now}, но по сети не сверяются. Включите: timedatectl set-ntp true; проверьте, что "
        "UDP 123 открыт наружу.",
        "{now}, but nobody keeps it. Switch it on: timedatectl set-ntp true; see that UDP 123 is "
        "open to the outside.",
    ),
    "clock.year": Text(
        "Неверный год: {now}. Поставьте время: timedatectl set-time, и включите NTP; расписания и "
        "журнал врут.",
        "The year is wrong: {now}. Set the time: timedatectl set-time, and switch NTP on; "
        "schedules and journal are wrong until then.",
    ),
    "addresses.ours": Text("Адреса: {addresses}.", "Addresses: {addresses}."),
    "addresses.none": Text(
        "Нет ни одного сетевого адреса. Проверьте кабель и DHCP: ip address.",
        "There is no network address. Check the cable and DHCP: ip address.",
    ),
    "addresses.several": Text(
        "Сетей несколько: {interfaces}. Если телефоны слышат не всех, укажите нужный адрес: "
        "--bind АДРЕС.",
        "There are several networks: {interfaces}. If phones do not hear everybody, name the right "
        "address: --bind ADDRESS.",
    ),
    "addresses.nat": Text(
        "Станция за NAT, внешний адрес не указан. Если с городом слышно лишь одну сторону, задайте "
        "site.external_address и пробросьте порты звука.",
        "The box is behind NAT, and no public address is given. If outside calls have sound one "
        "way, set site.external_address and forward the media ports.",
    ),
    "addresses.external": Text("Внешний адрес {external}.", "The public address is {external}."),
    "addresses.external_private": Text(
        "Внешний адрес {external} — не публичный. Укажите тот, что видит оператор, или оставьте "
        "site.external_address пустым.",
        "The public address {external} is none. Give the one that the provider sees, or leave "
        "site.external_address empty.",
    ),
    "addresses.external_unneeded": Text(
        "Указан внешний адрес {external}, хотя у станции есть свой публичный. Очистите "
        "site.external_address.",
        "A public address {external} is given although the box has one of its own. Empty "
        "site.external_address.",
    ),
    "addresses.loopback": Text(
        "SIP слушает только саму эту машину. Телефоны не подключатся: уберите --bind 127.0.0.1.",
        "SIP listens to this very machine only. Phones cannot connect: take --bind 127.0.0.1 away.",
    ),
    "ports.sip_ours": Text("SIP слушает: {where}.", "SIP listens at {where}."),
    "ports.sip_none": Text(
        "SIP нигде не слушает. Перезапустите станцию; причина в её журнале.",
        "SIP listens nowhere. Restart the box; its log says why.",
    ),
    "ports.sip_free": Text(
        "Порт SIP {port} свободен, станция его займёт.", "SIP port {port} is free for the box."
    ),
    "ports.taken": Text(
        "Порт SIP {port}/{transport} занят другой программой ({said}). Посмотрите, какой: "
        "ss -lntup; остановите её или выберите --sip-port.",
        "SIP port {port}/{transport} is taken by another program ({said}). See by which: "
        "ss -lntup; stop it, or choose --sip-port.",
    ),
    "ports.forbidden": Text(
        "Порт SIP {port} доступен только root. Выберите порт от 1024: --sip-port 5060.",
        "Only root may take SIP port {port}. Choose one from 1024 up: --sip-port 5060.",
    ),
    "ports.media": Text("Порты звука {low}–{high}, UDP.", "Media ports {low}–{high}, UDP."),
    "ports.media_taken": Text(
        "Порты звука {ports} заняты другой программой. Посмотрите, какой: ss -lnup; или выберите "
        "другие вместо {low}-{high}: --rtp-ports.",
        "Media ports {ports} are taken by another program. See by which: ss -lnup; or choose "
        "others than {low}-{high}: --rtp-ports.",
    ),
    "ports.web": Text("Веб-страницы отвечают на порту {port}.", "Web pages answer at port {port}."),
    "ports.web_silent": Text(
        "На порту {port} веб-страниц нет. Запустите: dozvon web, или укажите --web-port.",
        "No web pages at port {port}. Start them: dozvon web, or name --web-port.",
    ),
    "ports.web_other": Text(
        "На порту {port} отвечает не веб. Посмотрите, кто: ss -lntp; выберите --web-port.",
        "What answers at port {port} is no web server. See who: ss -lntp; choose --web-port.",
    ),
    "ports.firewall": Text(
        "Брандмауэр этой машины по умолчанию не пропускает входящее. Убедитесь, что открыты "
        "порты: {ports}.",
        "The firewall of this machine drops what comes in by default. See that these ports are "
        "open: {ports}.",
    ),
    "trunks.none": Text(
        "Линий к оператору нет: звонки в город и экстренные не уйдут. Добавьте линию.",
        "There is no trunk: calls outside and emergency calls cannot leave. Add one.",
    ),
    "trunks.lines_alone": Text(
        "Линий к оператору нет; в город звонят по проводам и SIM-картам.",
        "There is no trunk; calls outside go by wires and SIMs.",
    ),
    "trunks.up": Text("{name}: работает.", "{name}: up."),
    "trunks.disabled": Text("{name}: выключена.", "{name}: disabled."),
    "trunks.unknown": Text(
        "{name}: ещё неизвестно. Позвоните по ней или включите опрос (qualify_s).",
        "{name}: not known yet. Make a call by it, or let it be asked (qualify_s).",
    ),
    "trunks.down.credentials_refused": Text(
        "{name}: оператор не принял имя или пароль ({status}). Сверьте username, auth_username, "
        "secret и realm с договором.",
        "{name}: name or password refused ({status}). Compare username, auth_username, secret and "
        "realm with the contract.",
    ),
    "trunks.down.account_unknown": Text(
        "{name}: оператор не знает учётной записи ({status}). Сверьте username и domain.",
        "{name}: the provider does not know the account ({status}). Compare username and domain.",
    ),
    "trunks.down.no_answer": Text(
        "{name}: оператор молчит. Проверьте интернет, host, port и брандмауэр; узнайте об аварии.",
        "{name}: the provider is silent. Check the internet, host, port and firewall; ask about an "
        "outage.",
    ),
    "trunks.down.overloaded": Text(
        "{name}: оператор перегружен ({status}). Подождите или заведите вторую линию.",
        "{name}: the provider is overloaded ({status}). Wait, or have a second trunk.",
    ),
    "trunks.down.refused": Text(
        "{name}: оператор отказал ({status}). Спросите у него, что значит этот код.",
        "{name}: the provider refused ({status}). Ask him what that code means.",
    ),
    "trunks.down.dns": Text(
        "{name}: имя узла не найдено. Проверьте host и DNS этой машины: getent hosts ИМЯ.",
        "{name}: the host name was not found. Check host, and this machine's DNS: getent hosts "
        "NAME.",
    ),
    "trunks.down.unreachable": Text(
        "{name}: до узла нет пути. Проверьте сеть, host и port.",
        "{name}: the host cannot be reached. Check the network, host and port.",
    ),
    "lines.up": Text("{name}: работает.", "{name}: works."),
    "lines.starting": Text(
        "{name}: запускается. Повторите через минуту.",
        "{name}: is starting. Try again in a minute.",
    ),
    "lines.down": Text("{name}: не работает: {why}.", "{name}: does not work: {why}."),
    "lines.broken": Text(
        "{name}: не работает. Проверьте кабель и питание устройства: dozvon lines.",
        "{name}: does not work. Check the cable and the supply of the device: dozvon lines.",
    ),
    "phones.none": Text(
        "Внутренних номеров нет. Заведите их на странице «Номера».",
        "There are no extensions. Add them on the page “Extensions”.",
    ),
    "phones.reachable": Text(
        "Номеров на связи: {count}.", "Extensions that can be called: {count}."
    ),
    "phones.never_seen": Text(
        "Ещё не регистрировались: {numbers}. Введите в телефон адрес станции, номер и пароль.",
        "Never registered: {numbers}. Enter the box's address, number and password in the phone.",
    ),
    "phones.expired": Text(
        "Перестали регистрироваться: {numbers}. Проверьте питание и сеть телефона.",
        "Stopped registering: {numbers}. Check the phone's power and network.",
    ),
    "phones.unregistered": Text(
        "Вышли сами: {numbers}. Включите учётную запись в телефоне.",
        "Signed off: {numbers}. Switch the account on in the phone.",
    ),
    "phones.replaced": Text(
        "Вытеснены другим телефоном: {numbers}. Увеличьте max_bindings или выключите лишний.",
        "Replaced by another phone: {numbers}. Raise max_bindings, or switch the other off.",
    ),
    "phones.removed": Text(
        "Удалены из настроек: {numbers}. Зарегистрируйте телефон заново.",
        "Removed from the settings: {numbers}. Register the phone again.",
    ),
    "phones.connection_lost": Text(
        "Соединение потеряно: {numbers}. Проверьте сеть; телефон подключится сам.",
        "Connection lost: {numbers}. Check the network; the phone comes back by itself.",
    ),
    "phones.no_answer": Text(
        "Не отвечают: {numbers}. Проверьте питание телефона и сеть до него (ping).",
        "Do not answer: {numbers}. Check the phone's power and the network to it (ping).",
    ),
    "phones.refused": Text(
        "Отказывают (SIP {status}): {numbers}. Перезагрузите телефон.",
        "Refuse (SIP {status}): {numbers}. Restart the phone.",
    ),
}


def say(finding: Finding, language: str) -> str:
    """The sentence of a finding; one without a text is shown by its key."""
    text = TEXTS.get(finding.key)
    if text is None:
        return f"{finding.key} {dict(finding.params)}"
    params = dict(finding.params)
    if "why" in params:  # a line's reason has words of its own
        params["why"] = say_why(params["why"], language)
    if "alert" in params:
        params["detail"] = clean(alert_detail(params["alert"], params["detail"], language))
        params["alert"] = alert_text(params["alert"], language)
    return text.of(language).format_map(params)
