"""Where an extension may forward its calls, and what is refused when that is saved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.checking import problems_of
from appliance.config.checks.forwards import FIELDS
from appliance.config.codec import from_data, to_data
from appliance.config.model import Document, Extension
from appliance.config.texts import problem_text
from appliance.config.validate import refusals, warnings
from tests.config.offices import office

_SECRETS = ("kRz7Wq2mPx9T", "Zx81kdPq77aa", "Qw55hjKm21pp", "Lk90trWz34vv")


def _office(**always: str) -> Document:
    """2001 to 2004; ``e2001="2002"``: where each forwards always."""
    numbers = ("2001", "2002", "2003", "2004")
    extensions = tuple(
        Extension(number=n, secret=secret, forward_always=always.get(f"e{n}", ""))
        for n, secret in zip(numbers, _SECRETS, strict=True)
    )
    return replace(office(), extensions=extensions)


def _found(document: Document) -> set[tuple[str, str]]:
    return {(p.key, p.path) for p in refusals(problems_of(document))}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("2002", ""),
        ("+79031234567", ""),
        ("89031234567", "forward.unknown"),
        ("112", "forward.unknown"),
        ("+112", "forward.wrong"),
        ("*43", "forward.wrong"),
        ("2099", "forward.unknown"),
        ("2001", "forward.to_itself"),
        ("+74955551525", "forward.to_itself"),  # the number by which 2001 is called from outside
        ("somebody", "forward.wrong"),
    ],
)
def test_a_target_is_an_extension_or_an_outside_number(field: str, target: str, key: str) -> None:
    sound = _office()
    first = replace(sound.extensions[0], **{field: target})
    document = replace(sound, extensions=(first, *sound.extensions[1:]))
    expected = {(key, f"extensions[2001].{field}")} if key else set()
    assert _found(document) == expected
    assert from_data(to_data(document)) == document


def test_circles_of_extensions_that_forward_always_are_refused() -> None:
    document = _office(e2001="2002", e2002="2003", e2003="2001", e2004="2001")
    circle = {("forward.circle", f"extensions[{n}].forward_always") for n in (2001, 2002, 2003)}
    assert _found(document) == circle
    said = problem_text(refusals(problems_of(document))[0], "ru")
    assert "2001 → 2002 → 2003 → 2001" in said
    assert _found(_office(e2001="2002", e2002="2003", e2004="2001")) == set()


def test_a_circle_by_a_number_of_ours_is_refused_too() -> None:
    document = _office(e2001="2002", e2002="+74955551525")
    assert ("forward.circle", "extensions[2002].forward_always") in _found(document)


def test_a_circle_that_needs_somebody_not_to_answer_is_no_mistake() -> None:
    document = _office(e2001="2002")
    second = replace(document.extensions[1], forward_no_answer="2001")
    extensions = (document.extensions[0], second, *document.extensions[2:])
    assert _found(replace(document, extensions=extensions)) == set()


def test_a_target_that_is_switched_off_is_a_warning() -> None:
    document = _office(e2001="2002")
    off = replace(document.extensions[1], is_enabled=False)
    document = replace(document, extensions=(document.extensions[0], off, *document.extensions[2:]))
    told = {(p.key, p.path) for p in warnings(problems_of(document))}
    assert ("reference.disabled", "extensions[2001].forward_always") in told


def test_codes_may_be_switched_off_and_are_told_apart() -> None:
    def found(**codes: str) -> set[tuple[str, str]]:
        return _found(replace(office(), dialling=replace(office().dialling, **codes)))  # type: ignore[arg-type]

    codes = [name for name in to_data(office().dialling) if name.endswith("_code")]
    codes.remove("area_code")
    assert len(codes) == 13
    assert found(**dict.fromkeys(codes, "")) == set()
    assert found(echo_code="*72") == {("code.collides", "dialling.forward_always_code")}
    assert found(echo_code="*721") == {("code.collides", "dialling.echo_code")}
    assert found(forward_always_code="*8") == {("code.collides", "dialling.forward_always_code")}
    assert found(forward_end_code="112") == {
        ("code.shadows_emergency", "dialling.forward_end_code")
    }
