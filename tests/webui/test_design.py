"""The look as figures: contrast of every pair of colours that carries text (WCAG 2.2 §1.4.3,
§1.4.11), the weight of what a page loads, and that every icon that is used was drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEBUI = Path(__file__).resolve().parents[2] / "webui"
CSS = (WEBUI / "static" / "dozvon.css").read_text()
LIMIT_OCTETS = 60_000

TEXT_PAIRS = [
    ("text", "paper"),
    ("text", "surface"),
    ("text", "sunken"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("accent", "surface"),
    ("accent", "paper"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("ok", "ok-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("busy", "busy-soft"),
    ("bad", "surface"),
    ("warn", "surface"),
    ("text", "bad-soft"),
    ("text", "ok-soft"),
    ("text", "accent-soft"),
    ("muted", "accent-soft"),
]


def _colours(scheme: str) -> dict[str, str]:
    light, dark = CSS.split("@media screen and (prefers-color-scheme: dark)", 1)
    text = light if scheme == "light" else dark.split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme: str) -> None:
    colours = _colours(scheme)
    weak = {
        pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in TEXT_PAIRS
        if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }
    assert weak == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_fields_and_focus_can_be_seen(scheme: str) -> None:
    colours = _colours(scheme)
    for edge in ("line-strong", "accent", "bad"):
        assert _contrast(colours[edge], colours["surface"]) >= 3, edge


def test_pages_are_light() -> None:
    files = [p for p in (WEBUI / "static").iterdir() if p.suffix in (".css", ".js")]
    assert sum(path.stat().st_size for path in files) < LIMIT_OCTETS


def test_every_icon_was_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (WEBUI / "static" / "icons.svg").read_text()))
    used: set[str] = set()
    for path in (WEBUI / "templates").rglob("*.html"):
        used |= set(re.findall(r'icon\("([\w-]+)"', path.read_text()))
        used |= set(re.findall(r'symbol="([\w-]+)"', path.read_text()))
        used |= set(re.findall(r'kit\.empty\("([\w-]+)"', path.read_text()))
    used |= set(re.findall(r'N_\("[^"]+"\), "([\w-]+)"', (WEBUI / "navigation.py").read_text()))
    assert used <= drawn


def test_no_template_styles_itself() -> None:
    """Everything that is seen comes from the one style sheet (docs/design.md)."""
    for path in (WEBUI / "templates").rglob("*.html"):
        assert not re.search(r"<style|\sstyle=|<script(?! type=\"module\")", path.read_text()), path
