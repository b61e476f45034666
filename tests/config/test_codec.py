"""Documents to plain data and back; everything that cannot be made into a document."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.config.codec import MASK, decode, from_data, to_data
from appliance.config.masking import keep_secrets
from appliance.config.model import (
    Authentication,
    CallerIdHeader,
    ClassOfService,
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    NumberForm,
    Replacement,
    Site,
    Trunk,
)
from appliance.errors import ConfigErrors
from tests.config.offices import SECRET, office, with_first

# Any field may hold anything of its type here: the codec carries, it does not judge.
TEXT = st.text(max_size=12)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
WHOLE = st.integers(-(10**9), 10**9)
KINDS = st.lists(st.sampled_from(DestinationKind), max_size=3).map(tuple)


def _entities(kind: type, **strategies: st.SearchStrategy[Any]) -> Any:
    return st.lists(st.builds(kind, **strategies), max_size=3).map(tuple)


DOCUMENTS = st.builds(
    Document,
    site=st.builds(Site, name=TEXT, ring_time_s=WHOLE, local_networks=TEXTS),
    dialling=st.builds(
        DialProfile,
        name=TEXT,
        inter_digit_s=st.floats(allow_nan=False),
        replacements=_entities(Replacement, prefix=TEXT, length=WHOLE),
    ),
    classes=_entities(ClassOfService, name=TEXT, allows=KINDS, countries=TEXTS),
    extensions=_entities(Extension, number=TEXT, secret=TEXT, is_enabled=st.booleans()),
    trunks=_entities(
        Trunk,
        name=TEXT,
        host=TEXT,
        authentication=st.sampled_from(Authentication),
        number_form=st.sampled_from(NumberForm),
        caller_id_header=st.sampled_from(CallerIdHeader),
        leave_on=st.lists(WHOLE, max_size=3).map(tuple),
    ),
    rules=_entities(DialRule, name=TEXT, kinds=KINDS, ways=TEXTS),
    dids=_entities(Did, number=TEXT, trunk=TEXT, extension=TEXT),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_every_document_survives_the_way_through_json(document: Document) -> None:
    assert from_data(json.loads(json.dumps(to_data(document)))) == document


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["site", "dialling", "classes", "extensions", "trunks", "x"]), ANYTHING
    )
    | ANYTHING
)
def test_any_data_gives_a_document_and_problems_never_another_error(data: Any) -> None:
    decoded = decode(data)
    assert isinstance(decoded.document, Document)
    for problem in decoded.problems:
        assert problem.key.startswith(("data.", "choice."))


@pytest.mark.parametrize(
    ("data", "key", "path"),
    [
        ({"site": 5}, "data.not_a_mapping", "site"),
        ({"extensions": "2001"}, "data.not_a_list", "extensions"),
        ({"site": {"name": 5}}, "data.not_text", "site.name"),
        ({"site": {"name": True}}, "data.not_text", "site.name"),
        ({"site": {"ring_time_s": "1e3"}}, "data.not_a_whole_number", "site.ring_time_s"),
        ({"site": {"ring_time_s": True}}, "data.not_a_whole_number", "site.ring_time_s"),
        ({"site": {"ring_time_s": 1.5}}, "data.not_a_whole_number", "site.ring_time_s"),
        ({"dialling": {"inter_digit_s": "inf"}}, "data.not_a_number", "dialling.inter_digit_s"),
        ({"dialling": {"inter_digit_s": "3,5"}}, "data.not_a_number", "dialling.inter_digit_s"),
        ({"dids": [{"is_enabled": "si"}]}, "data.not_yes_or_no", "dids[#1].is_enabled"),
        ({"dids": [{}]}, "data.missing", "dids[#1].number"),
        ({"dids": [{"number": "+7", "trnk": ""}]}, "data.unknown_key", "dids[+7].trnk"),
        (
            {"trunks": [{"name": "m", "number_form": "e.164"}]},
            "choice.unknown",
            "trunks[m].number_form",
        ),
        (
            {"dialling": {"replacements": [{"prefix": "5", "length": "x"}]}},
            "data.not_a_whole_number",
            "dialling.replacements[#1].length",
        ),
    ],
)
def test_what_cannot_be_a_document(data: Any, key: str, path: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        from_data(data)
    assert (key, path) in {(p.key, p.path) for p in caught.value.problems}


def test_text_is_read_as_the_field_means_it() -> None:
    data = {
        "site": {"ring_time_s": "45"},
        "dialling": {"inter_digit_s": "2.5", "outside_prefix": "0"},
        "dids": [{"number": "+74955551525", "trunk": "m", "extension": "01", "is_enabled": "No"}],
    }
    document = from_data(data)
    assert document.site.ring_time_s == 45
    assert document.dialling.inter_digit_s == 2.5
    assert document.dids[0].extension == "01" and document.dids[0].is_enabled is False


def test_the_word_that_was_meant_is_proposed() -> None:
    problems = decode({"site": {"langage": "ru"}, "zzz": 1}).problems
    assert [p.params["hint"] for p in problems] == ["", "language"] or [
        p.params["hint"] for p in problems
    ] == ["language", ""]


def test_null_means_not_given() -> None:
    assert from_data({"site": {"name": None}, "trunks": None}) == Document()


def test_secrets_are_masked_unless_asked_for() -> None:
    assert to_data(office(), with_secrets=False)["extensions"][0]["secret"] == MASK
    assert to_data(office())["extensions"][0]["secret"] == SECRET
    assert SECRET not in str(to_data(office(), with_secrets=False))


def test_a_wrong_secret_is_not_repeated_in_the_problem() -> None:
    problems = decode({"extensions": [{"number": "2001", "secret": 483726}]}).problems
    assert problems and all("483726" not in str(problem) for problem in problems)


def test_a_mask_keeps_the_stored_secret_and_only_that() -> None:
    masked = from_data(to_data(office(), with_secrets=False))
    assert keep_secrets(masked, office()) == (office(), ())
    stranger = with_first("extensions", number="2003", secret=MASK)
    kept, problems = keep_secrets(stranger, office())
    assert [(p.key, p.path) for p in problems] == [("secret.not_stored", "extensions[2003].secret")]
    assert kept.extensions[0].secret == ""


def test_entities_are_frozen_after_decoding() -> None:
    document = from_data(to_data(office()))
    assert replace(document) == document and hash(document.extensions[0])
