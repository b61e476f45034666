"""Which settings a line of each kind has on its form, and what their choices are called. PURE."""

from __future__ import annotations

from appliance.config.model import Document
from webui import entity_form
from webui.i18n import gettext
from webui.ways import NUMBER_FORMS
from webui.words import N_

_PLACE = ("name", "device", "port")
_GAINS = ("receive_gain_db", "transmit_gain_db", "cancels_echo")
#: Shown at once, by kind; the rest is folded away.
PLAIN = {
    "fxs": (*_PLACE, "extension", "is_enabled"),
    "fxo": (*_PLACE, "number", "extension", "is_enabled"),
    "cellular": (*_PLACE, "number", "extension", "pin", "is_enabled"),
}
MORE = {
    "fxs": (
        "country",
        "has_caller_id",
        "waiting_caller_id",
        "hot_line",
        "hot_line_after_s",
        *_GAINS,
    ),
    "fxo": (
        "country",
        "number_form",
        "dial_mode",
        "needs_dial_tone",
        "answer_by",
        "answer_after_s",
        "hangs_up_on",
        "busy_tone",
        "silence_s",
        "announces",
        "has_caller_id",
        "asks_aon",
        "passes_flash",
        *_GAINS,
    ),
    "cellular": ("country", "number_form", *_GAINS),
}
FIELDS = {kind: PLAIN[kind] + MORE[kind] for kind in PLAIN}
_CHOICES = {
    "number_form": NUMBER_FORMS,
    "dial_mode": (("tone", N_("by tones")), ("pulse", N_("by pulses, as a rotary telephone"))),
    "announces": (
        ("", N_("no, it rings")),
        ("call_later", N_("nobody is here, call later")),
        ("all_lines_busy", N_("all lines are busy")),
        ("voicemail", N_("the extension's voicemail takes a message")),
    ),
    "waiting_caller_id": (
        ("", N_("as in its country")),
        ("yes", N_("yes, the telephone can show it")),
        ("no", N_("no, the tone alone")),
    ),
    "answer_by": (
        ("tones", N_("when ringback ends")),
        ("polarity", N_("when the exchange turns the polarity")),
        ("dialling", N_("some time after dialling")),
    ),
    "hangs_up_on": (
        ("busy_tone", N_("busy tone")),
        ("dial_tone", N_("dial tone that returns")),
        ("loop_break", N_("the exchange opens the loop")),
        ("polarity", N_("the polarity turns back")),
        ("silence", N_("silence: only where nothing else works")),
    ),
}


def choices(document: Document) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen: (value, text) by field."""
    found = {
        field: [(value, str(gettext(text))) for value, text in pairs]
        for field, pairs in _CHOICES.items()
    }
    found["extension"] = [("", "—")]
    found["extension"] += [(e.number, f"{e.number} {e.name}".strip()) for e in document.extensions]
    countries = entity_form.own_choices("lines", "country")
    found["country"] = [("", str(gettext("as the office"))), *((c, c) for c in countries)]
    return found
