"""Why a line cannot be used now, in Russian and English.

PURE. A table beside texts.py; keys are those of legs/lines/post.py and of drivers (``line.…``).
"""

from __future__ import annotations

from collections.abc import Mapping

LINE_WHYS: Mapping[str, tuple[str, str]] = {
    "line.starting": ("устройство запускается", "the device is starting"),
    "line.no_driver": (
        "нет драйвера для этого адреса устройства",
        "there is no driver for this device address",
    ),
    "line.device": (
        "устройство не открылось: проверьте адрес и кабель",
        "the device did not open: check its address and the cable",
    ),
    "line.no_port": (
        "у устройства нет такого порта или он другого вида",
        "the device has no such port, or one of another kind",
    ),
    "line.lost": (
        "нет напряжения или сети: проверьте линию",
        "no voltage or no network: check the line",
    ),
    "line.in_use": ("на линии снята другая трубка", "another phone on the line is off-hook"),
    "line.ringing": ("с неё звонят", "it is being called"),
    "line.off_hook": ("трубка лежит не на месте", "the handset is off-hook"),
    "line.releasing": ("линия освобождается", "the line is being released"),
    "line.no_duplex": (
        "устройство не передаёт звук в обе стороны сразу: оно показывает, кто звонит, говорит и"
        " принимает сообщения (announces), а для разговора не годится",
        "the device has no sound both ways at once: it shows who calls, says words or takes a"
        " message (announces), and is not fit for talking",
    ),
    "line.no_receive": (
        "устройство не принимает звук (+VRX): оно показывает, кто звонит, и говорит, а сообщений не"
        " принимает; через час его спросят снова, сразу — если вынуть и вставить",
        "the device takes no sound (+VRX): it shows who calls and says words, and takes no"
        " messages; it is asked again in an hour, or at once when it was unplugged",
    ),
    "line.sim_pin": ("SIM-карта не приняла PIN", "the SIM did not take the PIN"),
    "line.no_network": (
        "нет сотовой сети: проверьте антенну и оплату SIM-карты",
        "no cellular network: check the antenna and whether the SIM is paid for",
    ),
    "line.unplugged": (
        "устройство не подключено: проверьте кабель и питание",
        "the device is not plugged in: check its cable and supply",
    ),
    "line.silent": (
        "устройство подключено, но молчит: отключите его питание на 10 секунд",
        "the device is plugged in and silent: take its supply away for 10 seconds",
    ),
    "line.card_version": (
        "плата говорит на другой версии протокола: обновите её прошивку или программу",
        "the card speaks another version of the protocol: update its firmware or this program",
    ),
    "line.other_card": (
        "вместо платы стоит другая, с другими портами: верните прежнюю или исправьте настройки",
        "another card with other ports is in its place: put the old one back, or change the"
        " settings",
    ),
    "line.card_replaced": (
        "на месте платы другая, с теми же портами: работает она",
        "another card with the same ports is in its place, and works",
    ),
    "line.restarting": (
        "модем перезапускается, подождите минуту",
        "the modem starts anew, wait a minute",
    ),
    "line.no_loop": (
        "на городской линии нет напряжения: проверьте провод",
        "the city line has no voltage: check the wire",
    ),
    "line.sim_puk": (
        "SIM-карта заблокирована: введите PUK в телефоне",
        "the SIM is locked: enter its PUK in a phone",
    ),
    "line.sim_missing": (
        "нет SIM-карты, или она не читается: вставьте её до щелчка",
        "there is no SIM, or it cannot be read: push it in until it clicks",
    ),
    "line.fault": ("неисправность линии", "the line is out of order"),
    "line.bus": (
        "плата не отвечает по шине I2C: проверьте питание и шлейф",
        "the board does not answer on the I2C bus: check its supply and the cable",
    ),
    "line.brown_out": (
        "у платы проседает питание: нужен источник мощнее",
        "the board's supply sags: it needs a stronger one",
    ),
    "line.settings_lost": (
        "плата потеряла настройки и настроена заново; если повторяется, проверьте питание и экран",
        "the board lost its settings and was set up again; if it happens again check its supply"
        " and its shielding",
    ),
    "line.keeper": (
        "процесс платы перезапускается; если повторяется, смотрите journalctl -u dozvon",
        "the board's process is starting again; if it goes on see journalctl -u dozvon",
    ),
    "line.ring_late": (
        "звонок прерван: машина не успевала; уменьшите её нагрузку",
        "ringing was ended because the machine could not keep up: lighten its load",
    ),
    "line.ring_limit": (
        "такой звонок сожжёт плату: не больше трети времени, не дольше 3 с подряд, 16–50 Гц",
        "such ringing would burn the board: a third of the time, 3 s at once, 16 to 50 Hz at most",
    ),
    "line.no_audio": (
        "для порта не задан кодек: добавьте codec0=… в адрес платы",
        "no codec is set for the port: add codec0=… to the board's address",
    ),
    "line.bad_address": (
        "адрес устройства написан неверно",
        "the device address makes no sense",
    ),
    "line.twice": (
        "эта плата уже открыта под другим адресом: напишите у всех её линий одно и то же",
        "this board is open by another address: write the same one for all of its lines",
    ),
    "line.busy": ("линия занята", "the line is busy"),
    "line.taken_away": ("линия пропала или понадобилась", "the line is gone or was needed"),
    "line.checked": ("линию проверяет доктор", "the line doctor is looking at it"),
    "line.held": (
        "устройство занято другой программой: остановите её (часто это ModemManager)",
        "another program has the device: stop it (often it is ModemManager)",
    ),
    "line.glare": ("на линию позвонили в ту же секунду", "the line rang at that very moment"),
    "line.timeout": (
        "устройство не ответило вовремя; если повторяется, выньте и вставьте его",
        "the device did not answer in time; if it goes on, unplug it and plug it in again",
    ),
    "line.no_dial_tone": (
        "на линии нет гудка: проверьте провод и абонентскую плату",
        "there is no dial tone: check the wire and whether the line is paid for",
    ),
    "line.unsupported": (
        "устройство этого не умеет",
        "the device cannot do that",
    ),
    "line.recovered": (
        "устройство зависло и приведено в порядок; если повторяется, замените его",
        "the device hung and was cured; if it happens again, replace it",
    ),
    "line.no_call": ("на линии никто не разговаривает", "nobody talks on the line"),
    "line.no_flash": (
        "устройство не умеет флеш: услуги станции ему недоступны",
        "the device cannot flash: the exchange's services are out of its reach",
    ),
    "line.coarse_flash": (
        "устройство делает флеш слишком неточно для этой страны: станция приняла бы его за отбой",
        "the device flashes too coarsely for this country: the exchange would take it for a"
        " hang-up",
    ),
    "line.no_pulse": (
        "устройство не набирает импульсами: поставьте dial_mode: tone",
        "the device cannot dial by pulses: set dial_mode: tone",
    ),
    "line.not_found": (
        "устройства по этому адресу нет: проверьте кабель и адрес",
        "there is no device at this address: check the cable and the address",
    ),
    "line.closed": ("устройство закрыто: настройки меняются", "closed: its settings change"),
    "line.aborted": ("команда прервана отбоем", "the command was cut short by hanging up"),
    "line.refused": (
        "сеть отказала в вызове: проверьте номер и баланс SIM-карты",
        "the network refused the call: check the number and the SIM's balance",
    ),
    "line.number": ("такой номер не набрать: исправьте его", "no such number: correct it"),
    "line.audio": (
        "модуль не даёт звука по последовательному порту: выберите другой порт или модуль",
        "the module gives no audio on a serial port: choose another port or module",
    ),
    "line.audio_stuck": (
        "звук модуля замер, модуль перезапустится; если повторяется, замените его",
        "the module's audio stands still and it will start anew; if it goes on, replace it",
    ),
    "line.sim_busy": (
        "SIM-карта запускается, подождите минуту",
        "the SIM is starting, wait a minute",
    ),
    "line.sms_refused": (
        "сеть не приняла сообщение: проверьте баланс и номер центра сообщений",
        "the network did not take the message: check balance and message centre",
    ),
    "line.sms_text": (
        "текст не передать сообщением: сократите его",
        "the text does not fit a message: shorten it",
    ),
    "line.sms_unreadable": (
        "сообщение на SIM-карте не читается и осталось на ней: прочтите его в телефоне",
        "a message on the SIM cannot be read and stays there: read it in a phone",
    ),
    "line.hot": (
        "порт платы перегрелся и отдыхает: проверьте провод на замыкание",
        "the card's port is too hot and rests: check the wire for a short",
    ),
    "line.unknown_country": (
        "для этой страны нет сигналов: выберите другую",
        "there are no tones for this country: choose another",
    ),
}
