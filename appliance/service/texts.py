"""What ``systemctl status`` says of the box, in RU and EN, with what to do next. PURE. Tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from appliance.config.texts import Text


class Found(Protocol):
    """A finding of service/self_check.py."""

    @property
    def key(self) -> str: ...
    @property
    def said(self) -> str: ...


STATUSES: Mapping[str, Text] = {
    "running": Text(
        "Работает: разговоров {calls}, телефонов {phones}, линий на связи {up} из {trunks}",
        "Runs: calls {calls}, phones {phones}, trunks up {up} of {trunks}",
    ),
    "stopping": Text("Заканчивает разговоры и выходит", "Ends its calls and goes"),
}

FINDINGS: Mapping[str, Text] = {
    "check.loop_lag": Text(
        "Станция стояла {said} с: машина перегружена? Посмотрите top и journalctl -u dozvon",
        "The box stood still for {said} s: is the machine overloaded? See top, "
        "journalctl -u dozvon",
    ),
    "check.database_silent": Text(
        "state.db не принял запись за {said} с: проверьте диск (dmesg) и кто его держит (fuser)",
        "state.db took no write within {said} s: check the disk (dmesg) and who holds it (fuser)",
    ),
    "check.database_refused": Text(
        "state.db не принимает запись ({said}): проверьте место (df -h) и диск (dmesg)",
        "state.db takes no writes ({said}): check the room (df -h) and the disk (dmesg)",
    ),
    "check.sip_silent": Text(
        "Собственный SIP-порт не отвечает ({said}): если не пройдёт, systemd перезапустит станцию",
        "Our own SIP port does not answer ({said}): if it stays so, systemd restarts the box",
    ),
    "check.media_silent": Text(
        "Поток звука не отвечает {said} с: systemd перезапустит станцию",
        "The media thread has not answered for {said} s: systemd restarts the box",
    ),
}


def status_text(key: str, language: str, **values: object) -> str:
    """A sentence of STATUSES."""
    return STATUSES[key].of(language).format(**values)


def finding_text(finding: Found, language: str) -> str:
    """What is wrong and what to do."""
    return FINDINGS[finding.key].of(language).format(said=finding.said)
