"""What a self-test showed, in one key, and in words for whoever stands before the box.

PURE. Bounds: a loss of 3 % or a delay of 400 ms is heard by everybody (ITU-T G.113, G.114; the
delay here includes the test telephone's own buffers, about 60 ms); an echo test gives back what it
got, so a level off by 6 dB is a defect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.config.texts import Text
from appliance.selftest.measure import Measured
from appliance.selftest.running import Life

TONE_HZ = 1000.0
_MOST_LOSS = 0.03
_LONGEST_DELAY_MS = 400.0
_MOST_LEVEL_DB = 6.0
_MOST_OFF_HZ = 20.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """key: stable, ``ok`` or what is wrong; params fill its text."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    measured: Measured | None = None

    @property
    def is_ok(self) -> bool:
        return self.key == "ok"

    def text(self, language: str) -> str:
        """What was found, and what to do."""
        return TEXTS[self.key].of(language).format_map(self.params)


def judge(life: Life) -> Verdict:
    """The verdict on one life of the telephone."""
    measured = life.event("measured")
    if measured is not None:
        return _judge_sound(Measured(**{k: v for k, v in measured.items() if k != "event"}))
    for key in ("silence", "no_echo"):
        if life.event(key) is not None:
            return Verdict(key)
    refused = life.event("not_answered")
    if refused is not None:
        return Verdict("not_answered")
    return _judge_end(life)


def _judge_end(life: Life) -> Verdict:
    params = {"said": life.last_words or "-"}
    if life.event("started") is None:
        return Verdict("phone_failed", params)
    told = life.event("not_registered")
    if told is not None:
        return Verdict("not_registered", {"said": str(told.get("status"))})
    if life.event("registered") is None:
        return Verdict("not_registered", params)
    if life.event("answered") is None and life.ending == "hung":
        return Verdict("hung")
    return Verdict("phone_failed", params)


def _judge_sound(measured: Measured) -> Verdict:
    params = {
        "loss": f"{measured.loss * 100:.0f}",
        "delay": f"{measured.delay_ms:.0f}",
        "level": f"{measured.level_dbfs - measured.sent_dbfs:+.0f}",
        "frequency": f"{measured.frequency_hz:.0f}",
    }
    if measured.returned == 0:
        key = "no_echo"
    elif measured.loss > _MOST_LOSS:
        key = "loss"
    elif abs(measured.frequency_hz - TONE_HZ) > _MOST_OFF_HZ:
        key = "distorted"
    elif abs(measured.level_dbfs - measured.sent_dbfs) > _MOST_LEVEL_DB:
        key = "level"
    else:
        key = "delay" if measured.delay_ms > _LONGEST_DELAY_MS else "ok"
    return Verdict(key, params, measured)


TEXTS: Mapping[str, Text] = {
    "ok": Text(
        "Станция исправна: пробный телефон зарегистрировался, позвонил и услышал себя без "
        "потерь, задержка {delay} мс. Если у людей всё же плохо слышно, ищите в сети между "
        "телефоном и станцией.",
        "The box works: the test telephone registered, called, and heard itself without loss; "
        "delay {delay} ms. If people still hear badly, look at the network between phone and box.",
    ),
    "loss": Text(
        "Звук возвращается с пропусками: потеряно {loss} %. Проверьте загрузку станции (top) и "
        "питание платы; повторите проверку.",
        "Sound comes back with holes: {loss} % lost. See how busy the box is (top) and whether "
        "its power supply is good; test again.",
    ),
    "delay": Text(
        "Звук возвращается, но поздно: {delay} мс. Проверьте загрузку станции (top) и повторите.",
        "Sound comes back late: {delay} ms. See how busy the box is (top) and test again.",
    ),
    "level": Text(
        "Звук возвращается с другой громкостью: {level} дБ. Это ошибка станции: сообщите о ней, "
        "приложив вывод с --json.",
        "Sound comes back at another level: {level} dB. That is a defect of the box: report it "
        "with the output of --json.",
    ),
    "distorted": Text(
        "Звук возвращается искажённым: {frequency} Гц вместо 1000. Это ошибка станции: сообщите "
        "о ней, приложив вывод с --json.",
        "Sound comes back distorted: {frequency} Hz instead of 1000. That is a defect of the box: "
        "report it with the output of --json.",
    ),
    "silence": Text(
        "Станция приняла звонок, но звук не возвращается. Обычно его не пропускает брандмауэр на "
        "самой станции: откройте порты звука (dozvon status, строка RTP) для UDP и повторите.",
        "The box took the call, but no sound comes back. A firewall on the box itself usually "
        "stops it: open the media ports (dozvon status, line RTP) for UDP and test again.",
    ),
    "no_echo": Text(
        "Вместо своего голоса телефон слышит что-то другое. Это ошибка станции: сообщите о ней, "
        "приложив вывод с --json.",
        "The telephone hears something else than itself. That is a defect of the box: report it "
        "with the output of --json.",
    ),
    "not_answered": Text(
        "Станция не приняла звонок на эхо-тест. Посмотрите настройки набора "
        "(dialling.echo_code) и журнал службы станции.",
        "The box did not take the call to the echo test. See the dialling settings "
        "(dialling.echo_code) and the log of the service.",
    ),
    "not_registered": Text(
        "Пробный телефон не смог зарегистрироваться ({said}). Проверьте, что SIP-порт станции "
        "не закрыт брандмауэром и не занят другой программой: dozvon doctor.",
        "The test telephone could not register ({said}). See that the SIP port of the box is not "
        "closed by a firewall nor taken by another program: dozvon doctor.",
    ),
    "hung": Text(
        "Пробный телефон замолчал посреди звонка и был остановлен. Повторите; если так и будет, "
        "проверьте загрузку станции и её журнал.",
        "The test telephone fell silent in the call and was stopped. Test again; if it stays so, "
        "see how busy the box is, and its log.",
    ),
    "phone_failed": Text(
        "Сам пробный телефон не заработал: {said}. Переустановите программу (./run делает это "
        "сам) и повторите.",
        "The test telephone itself did not work: {said}. Install the program again (./run does "
        "it by itself) and test again.",
    ),
    "echo_off": Text(
        "Эхо-тест выключен: код не задан (dialling.echo_code). Задайте его, например *43, "
        "и повторите.",
        "The echo test is switched off: it has no code (dialling.echo_code). Give it one, for "
        "example *43, and test again.",
    ),
}
