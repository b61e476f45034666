"""Label and meaning of the fields of lines, in RU and EN.

PURE. The part of field_table.py's table that speaks of wires and SIMs.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.field_table_outside import FieldText

LINE_FIELD_TEXTS: Mapping[str, FieldText] = {
    "lines.name": FieldText(
        "Имя", "Name",
        "Имя линии в правилах и журнале.",
        "The line's name in rules and the journal.",
    ),
    "lines.kind": FieldText(
        "Вид", "Kind",
        "fxs: наш телефон на проводе; fxo: городская линия; cellular: SIM-карта.",
        "fxs: a telephone on our wires; fxo: a city line; cellular: a SIM.",
    ),
    "lines.device": FieldText(
        "Устройство", "Device",
        "Адрес устройства: serial:/dev/serial/by-id/…, socket://узел:порт, i2c:1:0x20, sim:office.",
        "Address of the device: serial:/dev/serial/by-id/…, socket://host:port, i2c:1:0x20, "
        "sim:office.",
    ),
    "lines.port": FieldText(
        "Порт", "Port",
        "Номер порта в устройстве, с нуля.",
        "Which port of the device, counted from 0.",
    ),
    "lines.country": FieldText(
        "Страна", "Country",
        "Чьи тоны и сигналы на линии; пусто — страна офиса.",
        "Whose tones and signals the line has; empty = the office's country.",
    ),
    "lines.extension": FieldText(
        "Внутренний номер", "Extension",
        "Чей это телефон; у городской линии — кто звонит при вызове с неё.",
        "Whose telephone it is; of a city line, who rings when it is called.",
    ),
    "lines.announces": FieldText(
        "Отвечать самой", "Answer by itself",
        "Вместо звонка абоненту ответить и сказать: call_later — никого нет, позвоните позже; "
        "all_lines_busy — все линии заняты; voicemail — принять сообщение в голосовую почту "
        "внутреннего номера линии. Только так отвечает модем без звука в обе стороны.",
        "Instead of ringing anybody, answer and say: call_later: nobody is here, call later; "
        "all_lines_busy; voicemail: take a message for the mailbox of the line's extension. A "
        "modem without sound both ways at once answers in no other way.",
    ),
    "lines.number": FieldText(
        "Городской номер", "Number outside",
        "Номер самой линии: плюс, код страны, номер.",
        "The line's own number: plus, country code, number.",
    ),
    "lines.number_form": FieldText(
        "Вид номера", "Number form",
        "Как набирать в линию: +e164, e164, national: 8495…, local: местный без кода.",
        "How numbers are dialled on it: +e164, e164, national: 8495…, local: without area code.",
    ),
    "lines.dial_mode": FieldText(
        "Набор", "Dialling",
        "tone: тонами; pulse: импульсами.",
        "tone: by tones; pulse: by pulses.",
    ),
    "lines.needs_dial_tone": FieldText(
        "Ждать гудка", "Needs dial tone",
        "Без гудка за 3 секунды линия считается мёртвой; иначе набор идёт вслепую.",
        "Without dial tone in 3 seconds the line counts as dead; otherwise it is dialled blindly.",
    ),
    "lines.answer_by": FieldText(
        "Ответ узнаётся", "Answer known by",
        "polarity: по переполюсовке; tones: гудки кончились; dialling: сразу после набора.",
        "polarity: by reversal; tones: the ringing stopped; dialling: as soon as it is dialled.",
    ),
    "lines.answer_after_s": FieldText(
        "Ответ без гудков", "Answer without ringing",
        "Через сколько секунд после набора без гудков считать, что ответили.",
        "After how many seconds without any tone the call counts as answered.",
    ),
    "lines.hangs_up_on": FieldText(
        "Отбой узнаётся", "Hang-up known by",
        "busy_tone, dial_tone, loop_break, polarity; silence — лишь крайняя мера.",
        "busy_tone, dial_tone, loop_break, polarity; silence is only a last resort.",
    ),
    "lines.busy_tone": FieldText(
        "Выученный отбой", "Learned busy tone",
        "Короткие гудки станции, каких нет в стране линии: герцы и миллисекунды звука и паузы, "
        "425 200/600; два разных звука по очереди — 400 400/350 225/525. Линия выучивает их сама; "
        "пусто — ещё не выучила.",
        "A busy tone that the line's country does not have: hertz, then milliseconds on and off, "
        "425 200/600; of two sounds in turn 400 400/350 225/525. The line learns it by itself; "
        "empty = not yet.",
    ),
    "lines.silence_s": FieldText(
        "Тишина", "Silence",
        "Сколько секунд тишины считать отбоем, если silence выбрано.",
        "How many seconds of silence are a hang-up, where silence is chosen.",
    ),
    "lines.has_caller_id": FieldText(
        "Номер звонящего", "Caller ID",
        "Принимать номер звонящего с линии, а на телефоне — показывать.",
        "Take the caller's number from the line; on a telephone, show it.",
    ),
    "lines.waiting_caller_id": FieldText(
        "Кто звонит вторым", "Who is the second caller",
        "Показать телефону, который говорит, кто звонит ещё: разговор прервётся на полсекунды, а у "
        "телефона, который это умеет, — на полторы. Пусто — как в стране; yes или no.",
        "Show a telephone that talks who else calls: the talk pauses for half a second, with a "
        "telephone that can do it for one and a half. Empty = as in its country; yes or no.",
    ),
    "lines.asks_aon": FieldText(
        "Запрос АОН", "Asks AON",
        "Запрашивать номер по-старому (500 Гц): для станции это уже ответ.",
        "Ask the number the old Russian way (500 Hz): the exchange takes it as an answer.",
    ),
    "lines.passes_flash": FieldText(
        "Флеш — на станцию", "Flash goes to the exchange",
        "Короткое нажатие рычага нашего телефона на проводах передаётся на городскую станцию "
        "(Centrex: удержание, перевод), а не ставит вызов на удержание у нас. SIP-телефон передаёт "
        "флеш всегда.",
        "A short press of the cradle of our telephone on wires goes to the exchange (Centrex: "
        "hold, transfer) instead of holding the call here. A SIP phone's flash always goes there.",
    ),
    "lines.receive_gain_db": FieldText(
        "Усиление от линии", "Receive gain",
        "Прибавить к звуку с линии, дБ.",
        "Added to what comes from the line, in dB.",
    ),
    "lines.transmit_gain_db": FieldText(
        "Усиление в линию", "Transmit gain",
        "Прибавить к звуку в линию, дБ.",
        "Added to what goes to the line, in dB.",
    ),
    "lines.cancels_echo": FieldText(
        "Эхоподавление", "Echo cancelling",
        "Убирать эхо линии.",
        "Take the line's echo away.",
    ),
    "lines.hot_line": FieldText(
        "Прямой вызов", "Hot line",
        "Номер, который телефон вызывает сам, когда сняли трубку; пусто — нет.",
        "The number that the telephone calls by itself when it is lifted; empty = none.",
    ),
    "lines.hot_line_after_s": FieldText(
        "Ждать до прямого вызова", "Hot line after",
        "Сколько секунд можно успеть набрать другой номер.",
        "For how many seconds another number may be dialled instead.",
    ),
    "lines.pin": FieldText(
        "PIN-код", "PIN",
        "PIN-код SIM-карты; пробуется один раз.",
        "The SIM's PIN; it is tried once.",
    ),
    "lines.is_enabled": FieldText(
        "Включена", "Enabled",
        "Выключенная линия не звонит и не принимает.",
        "A line that is switched off neither calls nor takes calls.",
    ),
}  # fmt: skip
