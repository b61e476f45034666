"""docs/phones.md has the brands as their tables have them, and names every field."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from provisioning.api import Identity
from provisioning.catalogue import parse_table
from provisioning.fields import account_fields, key_fields, site_fields
from provisioning.shapes import Model
from tests.provisioning.sheets import settings

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    path = ROOT / "docs" / "generate_phones.py"
    spec = importlib.util.spec_from_file_location("generate_phones", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date() -> None:
    """If not: run docs/generate_phones.py."""
    made = generator()
    page = made.PAGE.read_text("utf-8")
    assert made.page_with(page) == page


def test_the_page_names_every_field() -> None:
    page = (ROOT / "docs" / "phones.md").read_text("utf-8")
    whole = settings()
    fields = set(site_fields(Identity(brand="x"), Model("x"), whole))
    fields |= set(account_fields(1, whole.accounts[0], whole))
    fields |= set(key_fields(whole.keys[0], Model("x"), whole))
    words = set(page.replace("`", " ").replace(",", " ").split())
    missing = {f for f in fields if not f.startswith("dst_")} - words - {"revision10"}
    assert missing == set()


def test_the_example_of_a_brand_is_one() -> None:
    page = (ROOT / "docs" / "phones.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    assert parse_table("atcom.toml", example.encode()).name == "atcom"
