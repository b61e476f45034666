"""Parameters as XML elements: Grandstream, Htek, Snom, Fanvil, Cisco's flat profile, Acrobits.

PURE. Names are paths (``sip/line@1/PhoneNumber``): neighbours that share the beginning of their
path share the elements. frame: ``root`` (a path too), ``root_attributes`` and ``attributes``
(written as they stand, the latter into every parameter), ``index`` (the attribute's name of
``@n``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provisioning.formats.setting import XML_DECLARATION, Setting, xml_attribute, xml_text


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    lines = [XML_DECLARATION, *_opening(frame), *_body(settings, frame)]
    lines += [f"</{name}>" for name in reversed(_names(frame))]
    return ("\n".join(lines) + "\n").encode()


def _names(frame: Mapping[str, str]) -> list[str]:
    return frame["root"].split("/")


def _opening(frame: Mapping[str, str]) -> Iterator[str]:
    """Root elements: ``root_attributes`` go to the first, ``inner_attributes`` to the last."""
    names = _names(frame)
    for number, name in enumerate(names):
        given = [frame.get("root_attributes", "")] if number == 0 else []
        if number == len(names) - 1:
            given.append(frame.get("inner_attributes", ""))
        yield " ".join(filter(None, [f"<{name}", *given])) + ">"


def _body(settings: Sequence[Setting], frame: Mapping[str, str]) -> Iterator[str]:
    """Elements in order, opened once for neighbours that share them."""
    open_parts: list[str] = []
    for setting in settings:
        *outer, name = setting.name.split("/")
        shared = 0
        while shared < min(len(outer), len(open_parts)) and outer[shared] == open_parts[shared]:
            shared += 1
        for part in reversed(open_parts[shared:]):
            yield f"</{part.partition('@')[0]}>"
        for part in outer[shared:]:
            yield f"<{_tag(part, frame, {})}>"
        open_parts = outer
        given = dict(setting.attributes)
        attributes = f" {frame['attributes']}" if frame.get("attributes") else ""
        tag = _tag(name, frame, given) + attributes
        yield f"<{tag}>{xml_text(setting)}</{name.partition('@')[0]}>"
    for part in reversed(open_parts):
        yield f"</{part.partition('@')[0]}>"


def _tag(part: str, frame: Mapping[str, str], attributes: Mapping[str, str]) -> str:
    name, _, index = part.partition("@")
    given = {frame.get("index", "index"): index} if index else {}
    given.update(attributes)
    return " ".join([name, *(f'{key}="{xml_attribute(v)}"' for key, v in given.items())])
