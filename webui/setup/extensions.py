"""The wizard's third step: a range of extensions with secrets that nobody can guess."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from appliance.config import strong_secret
from appliance.config.model import Document, Extension
from webui.forms import Form
from webui.i18n import gettext, ngettext

MOST_AT_ONCE = 200
_SHOWN_PROBLEMS = 3

Choose = Callable[[str], str]


def values_of(document: Document) -> dict[str, str]:
    """What the form holds at first: ten numbers that fit the dial profile."""
    first, last = "2001", "2010"
    if document.extensions:
        first = last = next_number(document)
    classes = [c.name for c in document.classes]
    usual = "national" if "national" in classes else (classes or [""])[0]
    return {"first": first, "last": last, "names": "", "class_of_service": usual}


def next_number(document: Document) -> str:
    """The number behind the last one."""
    last = document.extensions[-1].number
    return str(int(last) + 1).zfill(len(last)) if last.isdigit() else ""


def apply(document: Document, form: Form, choose: Choose = secrets.choice) -> Document | None:
    """The document with the range added; None when the form says why not."""
    numbers = _range(form)
    known = [n for n in numbers if n in document.extension_by_number]
    if known:
        text = gettext("%(numbers)s exist already. Begin behind them.", numbers=_some(known))
        form.add("first", text)
    names = [line.strip() for line in form.value("names").splitlines()]
    if len(names) > len(numbers) and numbers:
        form.add("names", gettext("There are more names than numbers."))
    if not form.is_sound:
        return None
    new = tuple(
        Extension(
            number=number,
            name=names[index] if index < len(names) else "",
            secret=make_secret(choose, number),
            class_of_service=form.value("class_of_service"),
        )
        for index, number in enumerate(numbers)
    )
    default = document.site.default_extension or (new[0].number if not document.extensions else "")
    site = replace(document.site, default_extension=default)
    return replace(document, site=site, extensions=(*document.extensions, *new))


def make_secret(choose: Choose = secrets.choice, number: str = "") -> str:
    """A secret for a phone."""
    return strong_secret.make_secret(choose, number)


def field_of(form: Form) -> Callable[[str], str]:
    """Path of a problem -> field of the form, for the numbers that it adds; what is wrong with
    others is told above it, by their names."""
    added = {f"extensions[{number}]" for number in _range(Form(values=form.values))}
    fields = {"name": "names", "class_of_service": "class_of_service"}

    def find(path: str) -> str:
        owner, _, name = path.partition(".")
        return fields.get(name, "first") if owner in added else ""

    return find


def shorten(messages: Mapping[str, list[str]]) -> None:
    """A range of 200 mistaken numbers need not be told 200 times."""
    for texts in messages.values():
        rest = len(texts) - _SHOWN_PROBLEMS
        if rest > 0:
            del texts[_SHOWN_PROBLEMS:]
            texts.append(ngettext("… and %(count)s more", "… and %(count)s more", rest))


def _range(form: Form) -> list[str]:
    """The numbers from the first to the last; the form says what is wrong."""
    first, last = form.value("first").strip(), form.value("last").strip() or form.value("first")
    last = last.strip()
    for name, text in (("first", first), ("last", last)):
        if not (text.isascii() and text.isdigit() and 2 <= len(text) <= 8):
            form.add(name, gettext("A number of 2 to 8 figures, such as 2001."))
    if not form.is_sound:
        return []
    count = int(last) - int(first) + 1
    if len(first) != len(last) or count < 1:
        form.add("last", gettext("As many figures as the first number, and not below it."))
    elif count > MOST_AT_ONCE:
        form.add("last", gettext("At most %(count)s numbers at once.", count=MOST_AT_ONCE))
    if not form.is_sound:
        return []
    return [str(int(first) + index).zfill(len(first)) for index in range(count)]


def _some(numbers: Iterable[str]) -> str:
    shown = list(numbers)
    return ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "")
