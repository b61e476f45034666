"""What people read of mailboxes on the command line."""

from __future__ import annotations

import pytest

from appliance.commands.voicemail_words import VOICEMAIL_ALERTS, VOICEMAIL_ERRORS
from appliance.commands.words import alert_text, party


def test_a_mailbox_answered() -> None:
    assert party("voicemail 2002", "ru") == "голосовая почта 2002"
    assert party("voicemail 2002", "en") == "voicemail 2002"


@pytest.mark.parametrize("key", VOICEMAIL_ALERTS)
def test_alerts_have_words(key: str) -> None:
    assert alert_text(key, "ru") != alert_text(key, "en") != key


def test_errors_say_what_to_do() -> None:
    assert all(
        text.ru.count(".") >= 2 and text.en.count(".") >= 2 for text in VOICEMAIL_ERRORS.values()
    )
