"""Where extensions forward their calls: to somebody whom there is, and never in a circle.

PURE. Only circles of extensions that forward always are refused: no call could ever ring in one. A
circle that begins with a busy or a silent phone is stopped in the call (routing/forwarding.py). An
outside number of ours leads to the extension that it rings.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.codec import item_path
from appliance.config.model import VOICEMAIL, Document, Extension
from appliance.errors import Problem

FIELDS = ("forward_always", "forward_busy", "forward_no_answer", "forward_offline")


def check_forwards(document: Document) -> Iterator[Problem]:
    """Targets that do not exist, are switched off, or lead back."""
    for index, extension in enumerate(document.extensions):
        path = item_path("extensions", Extension, extension, index)
        for name in FIELDS:
            target: str = getattr(extension, name)
            if target:
                yield from _check_target(extension, target, f"{path}.{name}", document)
        circle = _circle(extension, document)
        if circle:
            yield Problem("forward.circle", f"{path}.forward_always", {"circle": circle})


def _check_target(
    extension: Extension, target: str, path: str, document: Document
) -> Iterator[Problem]:
    known = document.extension_by_number.get(target)
    if target == VOICEMAIL:
        if not extension.voicemail:
            yield Problem("forward.no_mailbox", path, {"number": extension.number})
    elif _rings_at(target, document) == extension.number:
        yield Problem("forward.to_itself", path, {"value": target, "number": extension.number})
    elif target.isdigit() and known is None:
        yield Problem("forward.unknown", path, {"value": target[:40]})
    elif known is not None and not known.is_enabled:
        yield Problem("reference.disabled", path, {"value": target}, is_warning=True)


def _rings_at(target: str, document: Document) -> str:
    """The extension at which a call to this target rings, as far as the settings say."""
    did = document.did_by_number.get(target)
    return did.extension if did is not None and did.is_enabled else target


def _circle(extension: Extension, document: Document) -> str:
    """``2001 → 2002 → 2001`` when all calls to it would come back to it, or empty."""
    way = [extension.number]
    while (found := document.extension_by_number.get(way[-1])) and found.forward_always:
        way.append(_rings_at(found.forward_always, document))
        if way[-1] in way[:-1]:
            is_longer = way[-1] == way[0] and len(way) > 2
            return " → ".join(way) if is_longer else ""
    return ""
