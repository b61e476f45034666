"""Strict readers of phones' formats: what a careful firmware takes, and not a letter more.

Written without looking at the product's writers. Each gives parameters in a plain dict, by the name
that the firmware would look for; a doubled name, a stray line or a wrong root is a KitError.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from tests.kit.processes import KitError

Config = dict[str, str]


def key_value(octets: bytes) -> Config:
    """Yealink: ``#!version:`` first, then ``name = value`` with the outer blanks cut off."""
    text = octets.decode("utf-8")
    first, *lines = text.split("\n")
    if not re.fullmatch(r"#!version:\d+\.\d+\.\d+\.\d+\r?", first):
        raise KitError(f"no version line but {first!r}")
    found: Config = {}
    for line in lines:
        line = line.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        name, mark, value = line.partition("=")
        if not mark or not re.fullmatch(r"[a-z0-9_.]+", name.strip()):
            raise KitError(f"not a parameter: {line!r}")
        _put(found, name.strip(), value.strip())
    return {name: "" if value == "%NULL%" else value for name, value in found.items()}


def quoted(octets: bytes) -> Config:
    """Panasonic: a comment that names the format, then ``KEY="value"``, CR LF ends of lines."""
    lines = octets.decode("utf-8").split("\r\n")
    if not lines[0].startswith("# Panasonic SIP Phone Standard Format File #"):
        raise KitError(f"no format line but {lines[0]!r}")
    found: Config = {}
    for line in lines[1:]:
        if not line or line.startswith("#"):
            continue
        place = re.fullmatch(r'([A-Z0-9_]+)="([^"]*)"', line)
        if place is None:
            raise KitError(f"not a parameter: {line!r}")
        _put(found, place[1], place[2])
    return found


def root_of(octets: bytes, *names: str) -> ElementTree.Element:
    """The innermost of these nested elements; the XML must be well-formed and UTF-8."""
    if not octets.startswith(b'<?xml version="1.0" encoding="UTF-8"?>'):
        raise KitError("no XML declaration")
    octets.decode("utf-8")
    element = ElementTree.fromstring(octets)
    if _bare(element.tag) != names[0]:
        raise KitError(f"root is {element.tag}")
    for name in names[1:]:
        found = [child for child in element if _bare(child.tag) == name]
        if len(found) != 1:
            raise KitError(f"{len(found)} elements {name}")
        element = found[0]
    return element


def flat(element: ElementTree.Element) -> Config:
    """Children as parameters: Grandstream, Htek, Cisco."""
    found: Config = {}
    for child in element:
        if len(child):
            raise KitError(f"{child.tag} has children")
        _put(found, _bare(child.tag), child.text or "")
    return found


def nested(element: ElementTree.Element, index: str) -> Config:
    """Elements in elements as paths with the index behind ``@``: Fanvil."""
    found: Config = {}
    for path, child in _walk(element, index, ""):
        _put(found, path, child.text or "")
    return found


def _walk(
    element: ElementTree.Element, index: str, path: str
) -> Iterator[tuple[str, ElementTree.Element]]:
    for child in element:
        name = _bare(child.tag) + (f"@{child.attrib[index]}" if index in child.attrib else "")
        if len(child):
            yield from _walk(child, index, f"{path}{name}/")
        else:
            yield f"{path}{name}", child


def attributes_of_one(element: ElementTree.Element) -> Config:
    """One child whose attributes are the parameters: Poly."""
    if len(element) != 1 or len(element[0]):
        raise KitError("one element with parameters is needed")
    return dict(element[0].attrib)


def named(
    element: ElementTree.Element, tag: str, name: str = "name", value: str = "value"
) -> Config:
    """``<param name value/>`` elements: Gigaset."""
    found: Config = {}
    for child in element:
        if _bare(child.tag) == tag:
            _put(found, child.attrib[name], child.attrib[value])
    return found


def sections(element: ElementTree.Element) -> Config:
    """Linphone: sections of entries as ``section/entry``."""
    found: Config = {}
    for section in element:
        for entry in section:
            if (_bare(section.tag), _bare(entry.tag)) != ("section", "entry"):
                raise KitError(f"{section.tag}/{entry.tag}")
            _put(found, f"{section.attrib['name']}/{entry.attrib['name']}", entry.text or "")
    return found


def _put(found: Config, name: str, value: str) -> None:
    if name in found:
        raise KitError(f"{name} stands twice")
    found[name] = value


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
