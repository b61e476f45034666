"""All checks of a configuration in one call: every problem at once, never only the first.

PURE. Fields are checked by the metadata of model.py, then what only shows between entities. Each
problem has a stable key (texts: texts.py), the path of its field, and says whether it refuses the
document or warns.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.config.checks.fields import check_fields
from appliance.config.checks.forwards import check_forwards
from appliance.config.checks.lines import check_lines
from appliance.config.checks.numbers import check_numbers
from appliance.config.checks.phones import check_phones
from appliance.config.checks.references import check_references, check_switched_off, entities
from appliance.config.checks.secrets import check_secrets
from appliance.config.checks.trunks import check_wholes
from appliance.config.checks.voicemail import check_voicemail
from appliance.config.model import Document, NumberingPlan
from appliance.errors import Problem


def check(document: Document, numbering: NumberingPlan) -> tuple[Problem, ...]:
    """Every problem and warning of a document, in the order of the document, without repeats."""
    problems: list[Problem] = []
    for path, entity in entities(document):
        problems += check_fields(entity, path)
    problems += check_references(document)
    problems += check_numbers(document, numbering)
    problems += check_forwards(document)
    problems += check_voicemail(document)
    problems += check_secrets(document)
    problems += check_wholes(document, numbering)
    problems += check_phones(document)
    problems += check_lines(document)
    problems += check_switched_off(document)
    return _without_repeats(problems)


def refusals(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that refuse a document: all but the warnings."""
    return tuple(p for p in problems if not p.is_warning)


def warnings(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that are shown but refuse nothing."""
    return tuple(p for p in problems if p.is_warning)


def _without_repeats(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple({(p.key, p.path): p for p in problems}.values())
