"""Parameters as XML attributes: Poly (all of one element) and Gigaset (one element each).

PURE. frame: ``root`` (may be empty) and ``root_attributes``; ``element``: what carries parameters;
``style``: ``one`` = ``<element name="value" …/>``, ``each`` = ``<element name="…" value="…"/>``
with ``name`` the attribute of the name and ``attributes`` written into each. A name
``oper:add_hs`` is an operation whose attributes are parameters inside of it; ``@MAC_ADDRESS`` is
an element of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provisioning.formats.setting import XML_DECLARATION, Setting, check, xml_attribute


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    names = [name for name in frame.get("root", "").split("/") if name]
    openings = list(names)
    if names and frame.get("root_attributes"):
        openings[0] += " " + frame["root_attributes"]
    lines = [XML_DECLARATION, *(f"<{opening}>" for opening in openings)]
    lines += _each(settings, frame) if frame.get("style") == "each" else _one(settings, frame)
    lines += [f"</{name}>" for name in reversed(names)]
    return ("\n".join(lines) + "\n").encode()


def _one(settings: Sequence[Setting], frame: Mapping[str, str]) -> Iterator[str]:
    given = "\n".join(f'  {s.name}="{xml_attribute(check(s))}"' for s in settings)
    yield f"<{frame['element']}\n{given}/>"


def _each(settings: Sequence[Setting], frame: Mapping[str, str]) -> Iterator[str]:
    for setting in settings:
        value = f'value="{xml_attribute(check(setting))}"'
        kind, mark, name = setting.name.partition(":")
        if mark:
            yield f'<{kind} name="{xml_attribute(name)}" {value}>'
            for inner, text in setting.attributes.items():
                yield _parameter(frame, inner, f'value="{xml_attribute(text)}"')
            yield f"</{kind}>"
        elif setting.name.startswith("@"):
            yield f"<{setting.name[1:]} {value}/>"
        else:
            yield _parameter(frame, setting.name, value)


def _parameter(frame: Mapping[str, str], name: str, value: str) -> str:
    given = f'{frame.get("name", "name")}="{xml_attribute(name)}"'
    parts = (f"<{frame['element']}", given, frame.get("attributes", ""), value)
    return " ".join(filter(None, parts)) + "/>"
