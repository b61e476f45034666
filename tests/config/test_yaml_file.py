"""The one YAML file: what is exported comes back, and what is broken is refused whole, by line."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.config.codec import MASK
from appliance.config.formats import FORMAT, upgrade
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.validate import refusals
from appliance.config.yaml_file import LARGEST_OCTETS, format_yaml, parse_yaml, read_yaml
from appliance.errors import ConfigErrors, Problem
from tests.config.offices import SECRET, office, with_first

SMALL = """\
site: {name: Box}
dialling: {name: P0, outside_prefix: 0}
extensions:
  - number: 2001
    secret: kRz7Wq2mPx9T
    is_enabled: yes
trunks:
  - {name: m, host: 192.0.2.1, username: 0070, secret: 1e3Zx81kdPq7, caller_id: +74955551525}
"""


def _problems(text: str | bytes, stored: Document | None = None) -> dict[str, Problem]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ConfigErrors) as caught:
        parse_yaml(content, stored or factory_document())
    return {p.key: p for p in caught.value.problems}


def test_an_export_with_secrets_comes_back_as_it_was() -> None:
    text = format_yaml(office(), with_secrets=True)
    assert parse_yaml(text.encode(), Document()).document == office()


def test_a_masked_export_keeps_the_stored_secrets() -> None:
    text = format_yaml(office())
    assert SECRET not in text and MASK in text
    assert parse_yaml(text.encode(), office()).document == office()
    assert _problems(text, factory_document())["secret.not_stored"].params["line"]


def test_two_exports_differ_only_where_the_settings_do() -> None:
    old = format_yaml(office()).splitlines()
    new = format_yaml(with_first("extensions", name="Вера")).splitlines()
    different = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert different == [("  name: Анна", "  name: Вера")]


def test_every_scalar_means_what_it_says() -> None:
    document = parse_yaml(SMALL.encode(), Document()).document
    assert document.dialling.outside_prefix == "0"
    assert document.extensions[0].number == "2001" and document.extensions[0].is_enabled
    assert document.trunks[0].username == "0070"
    assert document.trunks[0].secret == "1e3Zx81kdPq7"
    assert document.trunks[0].caller_id == "+74955551525"
    assert document.classes == factory_document().classes


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    content = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert parse_yaml(content, Document()).document.site.name == "Box"


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("site: {name: [}", "file.not_yaml", "1"),
        ("site:\n\tname: a", "file.not_yaml", "2"),
        ("site:\n  name: \x07", "file.not_yaml", "1"),
        ("site:\n  name: a\n  name: b\n", "file.duplicate_key", "3"),
        ("site: {name: a}\nsite: {name: b}\n", "file.duplicate_key", "2"),
        ("site: &a {name: x}\n", "file.alias", "1"),
        ("site:\n  name: *b\n", "file.alias", "2"),
        ("site:\n  name: !!python/object/apply:os.system [ls]\n", "file.tag", "2"),
        ("site:\n  name: !!int 5\n", "file.tag", "2"),
        ("site:\n  ? [a, b]\n  : c\n", "file.key_not_text", "2"),
        ("site: {name: a}\n---\nsite: {name: b}\n", "file.many_documents", "2"),
        ("site:\n  name: " + "[" * 30 + "]" * 30, "file.too_deep", "2"),
        ("site: {}\nextensions: [5]\n", "data.not_a_mapping", "2"),
        ("site:\n  nmae: x\n", "data.unknown_key", "2"),
        ("extensions:\n\n  - number: 2001\n", "data.missing", "3"),
        ("site:\n  ring_time_s: 1\n", "figure.out_of_range", "2"),
        ("rules:\n- name: r\n  kinds: [local]\n  ways:\n  - m\n", "reference.dangling", "4"),
        ("format: 99\n", "file.format_unknown", ""),
        ("format: new\n", "file.format_unknown", ""),
    ],
)
def test_what_is_refused_and_in_which_line(text: str, key: str, line: str) -> None:
    problem = _problems(text)[key]
    assert problem.params.get("line", "") == line


def test_files_that_are_no_configuration_at_all() -> None:
    assert set(_problems(b"\xff\xfe\x00x")) == {"file.not_utf8"}
    assert set(_problems(b"a" * (LARGEST_OCTETS + 1))) == {"file.too_large"}
    assert set(_problems("")) == {"file.empty"}
    assert set(_problems("# nothing\n")) == {"file.empty"}
    assert "data.not_a_mapping" in _problems("just words")


def test_every_error_of_a_broken_file_is_named_at_once_in_the_order_of_lines() -> None:
    text = """\
site: {nmae: x, ring_time_s: many}
dialling: {name: P9, outside_prefix: 0}
extensions:
- number: 1012
  secret: 1234
- {number: 2001, number: 2002, secret: *x}
rules:
- {name: r, kinds: [intrnational], ways: [nope]}
"""
    with pytest.raises(ConfigErrors) as caught:
        parse_yaml(text.encode(), factory_document())
    found = refusals(caught.value.problems)
    assert [(p.key, p.params["line"]) for p in found] == [
        ("data.unknown_key", "1"),
        ("data.not_a_whole_number", "1"),
        ("dialling.outside_prefix.not_of_profile", "2"),
        ("extension.number.shadows_emergency", "4"),
        ("secret.too_short", "5"),
        ("file.duplicate_key", "6"),
        ("file.alias", "6"),
        ("data.missing", "6"),
        ("choice.unknown", "8"),
        ("reference.dangling", "8"),
    ]


def test_what_a_long_broken_file_costs_grows_no_faster_than_it() -> None:
    """Counted in calls of functions, which no busy machine changes."""

    def steps(count: int) -> int:
        text = "extensions:\n" + "".join(f" - {{numbr: {2000 + n}}}\n" for n in range(count))
        ran = 0

        def count_calls(frame: object, event: str, argument: object) -> None:
            nonlocal ran
            ran += event in ("call", "c_call")

        sys.setprofile(count_calls)
        try:
            _problems(text)
        finally:
            sys.setprofile(None)
        return ran

    assert steps(400) < 3 * steps(200)


def test_a_billion_laughs_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert "file.alias" in _problems("\n".join(lines))


@pytest.mark.parametrize("octets", ["[" * 50_000, "{a: " * 50_000])
def test_a_bottomless_file_is_not_read_to_its_end(octets: str) -> None:
    assert "file.too_deep" in _problems(octets)  # to the end would take half a minute


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
@example(b"? ? ? ?")
@example(b"- - - - - - - - - - - - - - - - -")
@example(b"{{{{{{{{{{{{{{{{{{{{{{{{")
@example(b"extensions: [{number: {}}, {number: []}]")
@example(b"%YAML 9.9\n---\na: b")
@example(b"format: {a: b}")
def test_any_octets_give_a_document_or_config_errors(content: bytes) -> None:
    try:
        parse_yaml(content, factory_document())
    except ConfigErrors as error:
        assert error.problems


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(list("\n\t :-{}[]&*!'\"0")))
def test_a_damaged_export_never_raises_anything_else(place: int, letter: str) -> None:
    text = format_yaml(office())
    place %= len(text)
    try:
        parse_yaml((text[:place] + letter + text[place + 1 :]).encode(), office())
    except ConfigErrors as error:
        assert error.problems


def test_a_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert read_yaml(path).site.name == "Box"
    with pytest.raises(ConfigErrors) as caught:
        read_yaml(tmp_path / "none.yaml")
    assert [p.key for p in caught.value.problems] == ["file.unreadable"]


def test_older_formats_are_brought_up_step_by_step() -> None:
    steps = {
        1: lambda data: data | {"b": data.pop("a")},
        2: lambda data: data | {"c": data["b"] + 1},
    }
    old = {"a": 1}
    assert upgrade(old, 1, newest=3, steps=steps) == {"b": 1, "c": 2}
    assert old == {"a": 1}
    assert upgrade(old, FORMAT) is old
    with pytest.raises(ConfigErrors):
        upgrade(old, 4, newest=3, steps=steps)


def test_a_large_office_is_read_and_written() -> None:
    extensions = tuple(
        replace(office().extensions[0], number=str(2000 + n), secret=f"{SECRET}{n}")
        for n in range(300)
    )
    document = replace(office(), extensions=extensions)
    text = format_yaml(document, with_secrets=True)
    assert parse_yaml(text.encode(), Document()).document == document
