"""Has compiled code remember what a name was when it was looked up last, in the C that mypyc wrote.

PURE. A module's own name that is not final, and a name of a module that is not compiled, are looked
up in a dictionary each time, some 600 times a call. ``names.h`` keeps the answer of each such line,
and asks again when the dictionary has changed, so that a test still puts another thing in its
place.
"""

from __future__ import annotations

import re

_HEADER = '#include "names.h"\n'
#: mypyc's statements of a look-up: in what, the text (with a note of how it reads), and the call.
#: Each of its variables is assigned once, and those of a look-up are read nowhere else.
_TEXT = r"(?P<name>\w+) = (?P<text>CPyStatics\[\d+\]);(?P<note>[^\n]*)\n"
_GLOBAL = re.compile(
    r" +(?P<table>\w+) = (?P<where>CPyStatic_\w+___globals);\n *"
    + _TEXT
    + r"(?P<space> *)(?P<got>\w+) = CPyDict_GetItem\((?P=table), (?P=name)\);"
)
_ATTRIBUTE = re.compile(
    r" +(?P<table>\w+) = (?P<where>CPyImport_GetModuleCache\(&\w+\));\n *"
    + _TEXT
    + r"(?P<space> *)(?P<got>\w+) = CPyObject_GetAttr\((?P=table), (?P=name)\);"
)


def rewrite(source: str) -> str:
    """The same C with names that are remembered; as it was where there is nothing to look up."""
    text = _GLOBAL.sub(_statement("box_global"), source)
    text = _ATTRIBUTE.sub(_statement("box_attribute"), text)
    return _HEADER + text if text != source else source


def _statement(function: str) -> str:
    """What takes the place of a look-up's statements."""
    call = rf"\g<got> = {function}(\g<where>, &\g<text>, &seen);"
    return rf"\g<space>{{ static box_seen seen; {call} }}\g<note>"
