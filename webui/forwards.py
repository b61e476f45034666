"""Where an extension forwards its calls, as pages show it.

PURE. Whether its class of service lets a call go there is asked of routing.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.checks.forwards import FIELDS
from appliance.config.field_texts import field_label
from appliance.config.model import VOICEMAIL, Document, Extension
from appliance.config.presets import make_snapshot
from appliance.routing.forwarding import why_closed
from appliance.routing.plan import Plan, plan_of
from appliance.routing.texts import say

__all__ = ["FIELDS", "Row", "rows_of", "targets_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One condition that is set. seconds: how long it rings first, 0 = not at all; why_closed: why
    calls will not get there, or empty."""

    label: str
    target: str
    seconds: int
    why_closed: str


def targets_of(extension: Extension) -> dict[str, str]:
    """Target -> the field that names it."""
    return {target: name for name in FIELDS if (target := getattr(extension, name))}


def rows_of(extension: Extension, revision: int, document: Document, language: str) -> list[Row]:
    """Every condition under which its calls go on; none for most extensions."""
    wanted = {name: getattr(extension, name) for name in FIELDS if getattr(extension, name)}
    if not wanted:
        return []
    plan = plan_of(make_snapshot(revision, document))
    return [_row(extension, name, target, plan, language) for name, target in wanted.items()]


def _row(extension: Extension, name: str, target: str, plan: Plan, language: str) -> Row:
    known = plan.extensions.get(target)
    shown = f"{target} {known.name}".strip() if known is not None else target
    if target == VOICEMAIL:
        shown = field_label("extensions", "voicemail", language)
    reason = why_closed(extension, target, plan)
    seconds = extension.forward_no_answer_s if name == "forward_no_answer" else 0
    label = field_label("extensions", name, language)
    return Row(label, shown, seconds, say(reason, language) if reason is not None else "")
