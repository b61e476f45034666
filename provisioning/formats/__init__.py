"""One writer per format of phones' files: settings in, octets out.

PURE. A writer knows how its format is written and quoted and nothing of any brand: names, order
and frame (headers, root elements) are given. Whatever it is given comes out of a strict parser of
that format as it went in, or is refused with RefusedValue. The parsers of the tests are not made
of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from provisioning.formats import attribute_xml, element_xml, key_value, lpconfig, pairs, quoted
from provisioning.formats.setting import Setting

Writer = Callable[[Sequence[Setting], Mapping[str, str]], bytes]

#: By the name in a brand's table.
WRITERS: Mapping[str, Writer] = {
    "key_value": key_value.write,
    "element_xml": element_xml.write,
    "attribute_xml": attribute_xml.write,
    "quoted": quoted.write,
    "lpconfig": lpconfig.write,
    "pairs": pairs.write,
}
