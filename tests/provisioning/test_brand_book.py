"""brand_book.py: tables are read when they are needed, wrong ones told, files shown masked."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.api import Account, Identity
from provisioning.brand_book import BrandBook
from provisioning.catalogue import Catalogue, shipped, with_own
from provisioning.shapes import Parameter
from tests.provisioning.sheets import BASE, settings

YEALINK = Identity(brand="yealink", model="T46U", mac="805ec0a1b2c3")


def test_tables_are_read_once_and_not_before_they_are_needed() -> None:
    reads: list[int] = []

    def load() -> Catalogue:
        reads.append(1)
        return shipped()

    book = BrandBook(load)
    assert not reads
    assert book.maker("805ec0a1b2c3") == "yealink" and book.reread_event("fanvil") == "check-sync"
    assert reads == [1]


def test_a_wrong_table_is_told_and_the_others_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mine.toml").write_text("name = 3")
    book = BrandBook(lambda: with_own(tmp_path))
    with caplog.at_level(logging.ERROR):
        book.read()
    assert "mine.toml: name: a text belongs here" in caplog.text
    assert book.render(YEALINK, settings(), "/805ec0a1b2c3.cfg") is not None


def test_a_value_that_cannot_be_written_leaves_the_file_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = replace(settings(), accounts=(Account(number="2001", name="%NULL%", password="x"),))
    assert BrandBook(shipped).render(YEALINK, told, "/805ec0a1b2c3.cfg") is None
    assert "phone.value.reserved" in caplog.text and "%NULL%" not in caplog.text


def test_a_table_that_names_no_field_of_ours_leaves_the_file_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    yealink = shipped().brands["yealink"]
    wrong = replace(yealink, sections={"account": (Parameter("a", "{usr}"),)})
    book = BrandBook(lambda: Catalogue({"yealink": wrong}))
    assert book.render(YEALINK, settings(), "/805ec0a1b2c3.cfg") is None
    assert "no field usr" in caplog.text


@pytest.mark.parametrize("paths", [(), ("/805ec0a1b2c3.cfg", "/phonebook-yealink.xml")])
def test_files_are_shown_without_secrets(paths: tuple[str, ...]) -> None:
    shown = BrandBook(shipped).shown(YEALINK, settings(), paths)
    assert tuple(shown) == (paths or ("/805ec0a1b2c3.cfg",))
    text = "\n".join(shown.values())
    assert "account.1.user_name = 2001" in text
    for secret in ("s3cret-of-2001", "adm1n-Ox7w", "r3sync", BASE.split("/")[-2]):
        assert secret not in text


def test_who_needs_tftp() -> None:
    book = BrandBook(shipped)
    assert book.needs_tftp(Identity(brand="cisco-spa", model="SPA508G"))
    assert book.needs_tftp(Identity(brand="cisco-spa"))
    assert not book.needs_tftp(YEALINK) and not book.needs_tftp(Identity(brand="nobody"))
