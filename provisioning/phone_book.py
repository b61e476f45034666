"""The office's directory as the XML file that a brand's phones fetch.

PURE. The form is data (``[phone_book]`` of a brand's table): a root, one element an entry, and in
it elements for name and number, nested by slashes where the brand nests them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioning.formats.setting import XML_DECLARATION, Setting, xml_text
from provisioning.shapes import PhoneBookForm


def phone_book(form: PhoneBookForm, contacts: Iterable[tuple[str, str]]) -> bytes:
    """The whole file. contacts: (name, number), in the order of the list on the phone."""
    roots = form.root.split("/")
    lines = [XML_DECLARATION, *(f"<{root}>" for root in roots)]
    for name, number in contacts:
        lines += _entry(form, name or number, number)
    lines += [f"</{root.split()[0]}>" for root in reversed(roots)]
    return ("\n".join(lines) + "\n").encode()


def _entry(form: PhoneBookForm, name: str, number: str) -> Iterator[str]:
    fields = {form.name: name, form.number: number, **form.fixed}
    groups: dict[str, list[str]] = {}
    for path, value in fields.items():
        outer, _, element = path.rpartition("/")
        text = xml_text(Setting(path, value))
        groups.setdefault(outer, []).append(f"<{element}>{text}</{element}>")
    yield f"<{form.entry}>"
    for outer, elements in groups.items():
        yield "".join([f"<{outer}>" if outer else "", *elements, f"</{outer}>" if outer else ""])
    yield f"</{form.entry}>"
