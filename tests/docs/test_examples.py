"""The settings that the pages print can be applied, and the two READMEs say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appliance.config.presets import factory_document
from appliance.config.yaml_file import parse_yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "README.ru.md", "docs/installer.md")


def _page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_settings_are_sound(name: str) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", _page(name), re.DOTALL)
    assert len(examples) == 1
    document = parse_yaml(examples[0].encode(), factory_document()).document
    assert [e.number for e in document.extensions] == ["2001", "2002"]
    opened = [service.name for service in document.classes if service.countries]
    assert opened == [], "an example in an old format brings the open classes of its time"


@pytest.mark.parametrize(
    "name", [*PAGES, "docs/operations.md", "docs/routing.md", "docs/security.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#:]+)\)", _page(name))
    assert [link for link in links if not (folder / link).exists()] == []


def test_the_readmes_are_equal_in_content() -> None:
    english, russian = _page("README.md"), _page("README.ru.md")
    for pattern in (r"^## ", r"^\| `", r"^```", r"\]\((?!README)[^)]+\)"):
        found = [len(re.findall(pattern, page, re.MULTILINE)) for page in (english, russian)]
        assert found[0] == found[1], pattern
    commands = [
        re.findall(r"^(?:\$ )?(?:dozvon|\./run)\b[^#\n]*", p, re.M) for p in (english, russian)
    ]
    assert [c.strip() for c in commands[0]] == [c.strip() for c in commands[1]]
