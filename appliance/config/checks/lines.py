"""Lines as wholes: their devices, who rings, and names that they share with trunks.

PURE. A line out is a way like a trunk, so that the two share one room of names.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.busy_tone import parse_busy_tone
from appliance.config.codec import item_path
from appliance.config.model import VOICEMAIL, DialRule, Did, Document, Line, LineKind
from appliance.errors import Problem

#: Schemes of device URLs (drivers/registry.py).
SCHEMES = ("serial", "socket", "i2c", "sim")
_ONLY_FXS = ("hot_line", "waiting_caller_id")
_ONLY_CELLULAR = ("pin",)
_ONLY_FXO = ("passes_flash",)
_DIGITS = frozenset("0123456789")


def check_lines(document: Document) -> Iterator[Problem]:
    """Problems of lines, and of what names them."""
    trunks = {trunk.name for trunk in document.trunks}
    taken: dict[tuple[str, int], str] = {}
    devices: dict[str, Line] = {}
    for index, line in enumerate(document.lines):
        path = item_path("lines", Line, line, index)
        if line.name in trunks:
            yield Problem("line.name.is_trunk", f"{path}.name", {"value": line.name})
        yield from _check_device(line, path)
        place = (_place_of(line.device), line.port)
        if place in taken:
            params = {"port": str(line.port), "line": taken[place]}
            yield Problem("line.port.taken", f"{path}.port", params)
        taken[place] = line.name
        first = devices.setdefault(place[0], line)
        is_real = not line.device.startswith("sim:")  # of those there are as many as are named
        if is_real and line.is_enabled and first.is_enabled and line.device != first.device:
            params = {"line": first.name, "value": first.device}
            yield Problem("line.device.differs", f"{path}.device", params, is_warning=True)
        yield from _check_use(line, path, document)
    yield from _check_uses(document)


def _place_of(device: str) -> str:
    """Where the device is, written in one way: ``i2c:/dev/i2c-1:32`` is ``i2c:1:0x20``."""
    scheme, _, rest = device.partition("?")[0].partition(":")
    place = rest.removeprefix("//")
    if scheme == "i2c":
        bus, _, chip = place.rpartition(":")
        try:
            place = f"{bus.removeprefix('/dev/i2c-')}:{int(chip, 0):#x}"
        except ValueError:
            return device  # no address: its driver says so
    return f"{scheme}:{place}"


def _check_device(line: Line, path: str) -> Iterator[Problem]:
    scheme, colon, place = line.device.partition(":")
    is_whole = bool(colon and place.strip("/"))
    if line.device and (scheme not in SCHEMES or not is_whole):
        params = {"value": line.device[:40], "schemes": ", ".join(f"{s}:" for s in SCHEMES)}
        yield Problem("line.device.wrong", f"{path}.device", params)
    if line.busy_tone and parse_busy_tone(line.busy_tone) is None:
        yield Problem("line.busy_tone.wrong", f"{path}.busy_tone", {"value": line.busy_tone})
    is_mask = line.pin.startswith("*")  # told elsewhere
    if line.pin and not is_mask and not (_DIGITS.issuperset(line.pin) and len(line.pin) >= 4):
        yield Problem("line.pin.wrong", f"{path}.pin")


def _check_use(line: Line, path: str, document: Document) -> Iterator[Problem]:
    """Who rings, and settings of another kind of line."""
    if line.kind is LineKind.FXS:
        if not line.extension:
            yield Problem("line.extension.needed", f"{path}.extension")
    elif not line.extension and not _is_led(line, document):
        yield Problem("line.extension.nobody", f"{path}.extension", is_warning=True)
    if line.is_way_out and line.announces == VOICEMAIL:
        yield from _check_mailbox(line, path, document)
    others = (*_ONLY_FXS, *_ONLY_CELLULAR, *_ONLY_FXO)
    own = {
        LineKind.FXS: _ONLY_FXS,
        LineKind.CELLULAR: _ONLY_CELLULAR,
        LineKind.FXO: _ONLY_FXO,
    }[line.kind]
    for name in others:
        if getattr(line, name) and name not in own:
            params = {"kind": line.kind.value}
            yield Problem("line.field.unused", f"{path}.{name}", params, is_warning=True)


def _check_mailbox(line: Line, path: str, document: Document) -> Iterator[Problem]:
    """Whose messages the line takes; an extension that does not exist is told elsewhere."""
    owner = document.extension_by_number.get(line.extension)
    if not line.extension:
        yield Problem("line.announces.whose", f"{path}.extension")
    elif owner is not None and not owner.voicemail:
        params = {"number": line.extension}
        yield Problem("line.announces.no_mailbox", f"{path}.announces", params)


def _is_led(line: Line, document: Document) -> bool:
    """Whether an outside number or the office's default takes its calls."""
    by_number = any(did.trunk == line.name and did.is_enabled for did in document.dids)
    return by_number or bool(document.site.default_extension)


def _check_uses(document: Document) -> Iterator[Problem]:
    """Nobody calls out by a telephone."""
    phones = {line.name for line in document.lines if not line.is_way_out}
    for index, rule in enumerate(document.rules):
        path = item_path("rules", DialRule, rule, index)
        for place, way in enumerate(rule.ways):
            if way in phones:
                yield Problem("line.way.is_phone", f"{path}.ways[#{place + 1}]", {"value": way})
    mute = {line.name for line in document.lines if line.is_way_out and line.announces}
    for index, did in enumerate(document.dids):
        path = item_path("dids", Did, did, index)
        if did.trunk in phones:
            yield Problem("line.way.is_phone", f"{path}.trunk", {"value": did.trunk})
        elif did.trunk in mute and did.is_enabled:
            params = {"value": did.trunk}
            yield Problem("line.way.announces", f"{path}.trunk", params, is_warning=True)
