"""Sentences of the line doctor: what it found, and which settings it proposes. PURE. Tables.

Keys are those of legs/lines/diagnosis.py; the web pages may say them likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.config.texts import Text

VERDICTS: Mapping[str, Text] = {
    "ok": Text("хорошо", "ok"),
    "warn": Text("внимание", "look"),
    "bad": Text("плохо", "bad"),
}
_TONE_RU = "{hz} Гц, {level_dbm0} дБм0, {on_ms}/{off_ms} мс, через {after_s} с после набора."
_TONE_EN = "{hz} Hz, {level_dbm0} dBm0, {on_ms}/{off_ms} ms, {after_s} s after the digits."
FINDINGS: Mapping[str, Text] = {
    "no_dial_tone": Text(
        "Гудка нет. Проверьте провод, розетку и оплату; телефон на этой линии тоже молчит?",
        "There is no dial tone. Check wire, socket and bill; is a telephone on it silent, too?",
    ),
    "dial_tone": Text(
        "Гудок станции: {hz} Гц, {level_dbm0} дБм0, через {after_s} с.",
        "Dial tone: {hz} Hz, {level_dbm0} dBm0, after {after_s} s.",
    ),
    "dial_tone_slow": Text(
        "Гудок приходит поздно, через {after_s} с; вызов ждёт его 3 с.",
        "Dial tone is late, {after_s} s; a call waits 3 s for it.",
    ),
    "level_faint": Text(
        "Линия тихая: {level_dbm0} дБм0. Поднимите receive_gain_db.",
        "The line is faint: {level_dbm0} dBm0. Raise receive_gain_db.",
    ),
    "level_loud": Text(
        "Линия громкая: {level_dbm0} дБм0. Убавьте receive_gain_db.",
        "The line is loud: {level_dbm0} dBm0. Lower receive_gain_db.",
    ),
    "country_fits": Text(
        "Сигналы как в стране линии ({country}); подходят страны: {fits}.",
        "Tones are those of the line's country ({country}); countries that fit: {fits}.",
    ),
    "country_differs": Text(
        "Страна линии {country}, а сигналы как в: {fits}. Поставьте подходящую.",
        "The line's country is {country}, its tones are those of: {fits}. Set one that fits.",
    ),
    "country_unknown": Text(
        "Сигналы не подходят ни к одной известной стране (у линии {country}): отбой по ним"
        " может не узнаваться.",
        "The tones fit no country that is known (the line's is {country}): a hang-up may not be"
        " known by them.",
    ),
    "not_called": Text(
        "Никуда не звонили: «занято», контроль посылки и переполюсовка не проверены. Дайте занятый"
        " номер (в командной строке --call НОМЕР).",
        "Nobody was called: busy, ringing tone and reversals are not examined. Give a number that"
        " is busy (on the command line --call NUMBER).",
    ),
    "call_silent": Text(
        "После набора станция молчала: проверьте номер, dial_mode (tone или pulse) и страну.",
        "The exchange said nothing after the digits: check number, dial_mode and country.",
    ),
    "busy": Text("Занято: " + _TONE_RU, "Busy: " + _TONE_EN),
    "busy_unknown": Text(
        "Тон {hz} Гц, {rhythm} мс: так не занято ни в одной известной стране. Если набран"
        " занятый номер, поставьте его отбоем (busy_tone).",
        "A tone of {hz} Hz, {rhythm} ms: busy in no country that is known. If the number"
        " was busy, set it as the busy tone (busy_tone).",
    ),
    "busy_seen": Text(
        "Вызов закончился под незнакомый тон {hz} Гц, {rhythm} мс. На второй раз линия"
        " выучит его сама.",
        "A call ended in an unknown tone of {hz} Hz, {rhythm} ms. The second time the line"
        " learns it by itself.",
    ),
    "busy_learned": Text(
        "Выученный отбой: {hz} Гц, {rhythm} мс.",
        "Busy tone that was learned: {hz} Hz, {rhythm} ms.",
    ),
    "congestion": Text("Перегрузка: " + _TONE_RU, "Congestion: " + _TONE_EN),
    "ringback": Text("Контроль посылки вызова: " + _TONE_RU, "Ringing tone: " + _TONE_EN),
    "sit": Text("Номера нет (три тона): " + _TONE_RU, "No such number (three tones): " + _TONE_EN),
    "reversal": Text(
        "Полярность сменилась через {after_s} с после набора: так узнаётся ответ.",
        "The line was reversed {after_s} s after the digits: an answer is known by that.",
    ),
    "no_reversal": Text(
        "Переполюсовки не было: либо никто не ответил, либо станция её не даёт.",
        "There was no reversal: nobody answered, or the exchange has none.",
    ),
    "deaf_to_reversals": Text(
        "Это устройство не слышит переполюсовки: answer_by: polarity с ним не годится.",
        "This device hears no reversals: answer_by: polarity is not for it.",
    ),
    "loop_break": Text(
        "Станция размыкала линию на {ms} мс.", "The exchange opened the loop for {ms} ms."
    ),
    "echo": Text(
        "Эхо убрано на {erle_db} дБ, задержка {delay_ms} мс.",
        "Echo is {erle_db} dB less, its delay {delay_ms} ms.",
    ),
    "echo_none": Text("Эхо у этого устройства нет.", "This device makes no echo."),
    "echo_off": Text(
        "Подавление эха выключено (cancels_echo), а устройству оно нужно.",
        "The echo canceller is off (cancels_echo), and the device needs it.",
    ),
    "echo_unmeasured": Text(
        "Эхо не измерено: его слышно в разговоре, не в гудке.",
        "Echo was not measured: it is heard in a call, not in dial tone.",
    ),
    "caller_id": Text(
        "Номер звонящего приходит ({source}).", "The caller's number comes ({source})."
    ),
    "caller_id_unseen": Text(
        "Как приходит номер звонящего, неизвестно: позвоните на линию и повторите.",
        "How the caller's number comes is not known: call this line and examine it again.",
    ),
    "caller_id_deaf": Text(
        "Это устройство не определяет номер звонящего.", "This device hears no caller id."
    ),
}
_PROPOSED = Text("Предлагается: {field}: {value}", "Proposed: {field}: {value}")
_NOTHING = Text("Менять в настройках нечего.", "No setting needs a change.")


def doctor_lines(answer: Mapping[str, Any], language: str) -> Iterator[str]:
    """What ``line_doctor`` answered, a sentence each."""
    for finding in answer["findings"]:
        text = FINDINGS.get(finding["key"])
        said = finding["key"] if text is None else text.of(language).format(**finding["params"])
        verdict = VERDICTS[finding["verdict"]].of(language)
        yield f"{verdict}: {said}"
    for name, value in answer["proposed"].items():
        shown = "[" + ", ".join(value) + "]" if isinstance(value, list) else value
        yield _PROPOSED.of(language).format(field=name, value=shown)
    if not answer["proposed"]:
        yield _NOTHING.of(language)
