"""Parameters as XML attributes: Poly (all of one element) and Gigaset (one element each).

PURE. frame: ``root`` and ``root_attributes``; ``element``: the one that carries the parameters;
``style``: ``one`` = ``<element name="value" …/>``, ``each`` = ``<element name="…" value="…"/>``;
``name`` and ``value`` are the attributes' names of the latter. A setting whose name begins with
``<`` is an element of its own with its attributes (Gigaset's operations).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provisioning.formats.setting import Setting, check, xml_attribute

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def write(settings: Sequence[Setting], frame: Mapping[str, str]) -> bytes:
    """The whole file."""
    names = frame["root"].split("/")
    first = " ".join(filter(None, [names[0], frame.get("root_attributes", "")]))
    lines = [_DECLARATION, f"<{first}>", *(f"<{name}>" for name in names[1:])]
    lines += _each(settings, frame) if frame.get("style") == "each" else _one(settings, frame)
    lines += [f"</{name}>" for name in reversed(names)]
    return ("\n".join(lines) + "\n").encode()


def _one(settings: Sequence[Setting], frame: Mapping[str, str]) -> Iterator[str]:
    given = "\n".join(f'  {s.name}="{xml_attribute(check(s))}"' for s in settings)
    yield f"<{frame['element']}\n{given}/>"


def _each(settings: Sequence[Setting], frame: Mapping[str, str]) -> Iterator[str]:
    name, value = frame.get("name", "name"), frame.get("value", "value")
    for setting in settings:
        text = xml_attribute(check(setting))
        if setting.name.startswith("<"):
            yield f"{_operation(setting, text)}"
            continue
        yield f'<{frame["element"]} {name}="{xml_attribute(setting.name)}" {value}="{text}"/>'


def _operation(setting: Setting, text: str) -> str:
    given = "".join(f' {key}="{xml_attribute(v)}"' for key, v in setting.attributes.items())
    return f'{setting.name} value="{text}"{given}/>'
