"""phone_sheet_words.py has words for all that provisioning can say."""

from __future__ import annotations

import re
from pathlib import Path

import provisioning
from appliance.commands.phone_sheet_words import HINTS, SHEET_ROWS

ROOM = Path(provisioning.__file__).parent


def test_every_row_of_the_sheet_has_words() -> None:
    keys = set(re.findall(r'Row\("(\w+)"', (ROOM / "sheet.py").read_text("utf-8")))
    assert keys == set(SHEET_ROWS)


def test_every_hint_and_alarm_has_words() -> None:
    text = (ROOM / "identify.py").read_text("utf-8")
    keys = set(re.findall(r'"(identify\.\w+)"', text))
    reasons = {key for key in keys if key.startswith("identify.by_")}
    assert keys - reasons == set(HINTS)
