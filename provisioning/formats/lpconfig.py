"""Linphone's remote provisioning: sections with entries, an XML face of its configuration file.

PURE. A name is ``section/entry``; every entry replaces what the telephone has (``overwrite``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from provisioning.formats.setting import XML_DECLARATION, Setting, xml_attribute, xml_text

_NAMESPACE = "http://www.linphone.org/xsds/lpconfig.xsd"


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file; frame is not used."""
    lines = [XML_DECLARATION, f'<config xmlns="{_NAMESPACE}">', *_sections(settings), "</config>"]
    return ("\n".join(lines) + "\n").encode()


def _sections(settings: Sequence[Setting]) -> Iterator[str]:
    for section, group in groupby(settings, key=lambda s: s.name.partition("/")[0]):
        yield f'<section name="{xml_attribute(section)}">'
        for setting in group:
            entry = xml_attribute(setting.name.partition("/")[2])
            yield f'<entry name="{entry}" overwrite="true">{xml_text(setting)}</entry>'
        yield "</section>"
