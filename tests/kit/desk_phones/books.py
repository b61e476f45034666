"""Phone books as each maker's phones read them: names and numbers, and not a tag more.

Written without looking at the product's writer; the forms are the makers' public ones.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass

from tests.kit.desk_phones.parsers import root_of
from tests.kit.processes import KitError


@dataclass(frozen=True)
class Form:
    """roots: elements around the list; entry: of one person; name, number: paths below it;
    fixed: what else stands in each."""

    roots: tuple[str, ...]
    entry: str = "DirectoryEntry"
    name: str = "Name"
    number: str = "Telephone"
    fixed: Mapping[str, str] | None = None


FORMS = {
    "yealink": Form(("YealinkIPPhoneDirectory",)),
    "snom": Form(("SnomIPPhoneDirectory",)),
    "fanvil": Form(("FanvilIPPhoneDirectory",)),
    "cisco-spa": Form(("CiscoIPPhoneDirectory",)),
    "cisco-mpp": Form(("CiscoIPPhoneDirectory",)),
    "htek": Form(("PhoneDirectory",)),
    "poly": Form(("directory", "item_list"), "item", "ln", "ct"),
    "grandstream": Form(
        ("AddressBook",),
        "Contact",
        "FirstName",
        "Phone/phonenumber",
        {"Phone/accountindex": "1"},
    ),
}


def read_book(brand: str, octets: bytes) -> list[tuple[str, str]]:
    """(name, number) in the order of the list; KitError for what this maker does not know."""
    form = FORMS[brand]
    return [_entry(form, entry) for entry in root_of(octets, *form.roots)]


def _entry(form: Form, entry: ElementTree.Element) -> tuple[str, str]:
    if entry.tag != form.entry or entry.attrib:
        raise KitError(f"no {form.entry} but {entry.tag} {entry.attrib}")
    found: dict[str, str] = {}
    for child in entry:
        for path, element in ((child.tag, child), *((f"{child.tag}/{e.tag}", e) for e in child)):
            if not len(element):
                found[path] = element.text or ""
    name, number = found.pop(form.name), found.pop(form.number)
    if found != (form.fixed or {}):
        raise KitError(f"unknown in an entry: {found}")
    return name, number
