"""Parts of long messages until they are whole.

PURE; holds the parts that came, by sender, reference and total. What stays incomplete for 24 hours
is told as far as it came, so that the SIM does not fill up with it. Slots are places on the SIM.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.cellular.pdu import Deliver, read_codes

PATIENCE_S = 24 * 3600.0
GAP = "[…]"


@dataclass(frozen=True, slots=True)
class Joined:
    """A message for people: slots are those of all of its parts, in order."""

    sender: str
    text: str
    sent_at: str
    slots: tuple[int, ...]


@dataclass(slots=True)
class _Partial:
    first_at: float
    parts: dict[int, tuple[int, Deliver]] = field(default_factory=dict)


class Assembly:
    """``add`` what is read from the SIM; ``expire`` now and then."""

    def __init__(self) -> None:
        self._partials: dict[tuple[str, int, int], _Partial] = {}

    def add(self, slot: int, message: Deliver, now: float) -> Joined | None:
        """The whole message, if this was all of it or its last part.

        A part that comes twice takes the later slot; another text under the same number begins
        the message anew (references repeat after 256 messages) and the old parts are kept apart.
        """
        if message.place is None:
            return Joined(message.sender, message.text, message.sent_at, (slot,))
        reference, total, number = message.place
        key = (message.sender, reference, total)
        partial = self._partials.setdefault(key, _Partial(now))
        known = partial.parts.get(number)
        if known and known[1].text != message.text:
            spare = (f"{message.sender}\0{known[0]}", reference, total)
            self._partials[spare] = partial
            partial = self._partials[key] = _Partial(now)
        partial.parts[number] = (slot, message)
        if len(partial.parts) < total:
            return None
        del self._partials[key]
        return _join(partial, total)

    def expire(self, now: float) -> list[Joined]:
        """What waited for 24 hours, as far as it came, with ``[…]`` for what did not."""
        late = [
            key for key, partial in self._partials.items() if now - partial.first_at >= PATIENCE_S
        ]
        return [_join(self._partials.pop(key), key[2]) for key in late]


def _join(partial: _Partial, total: int) -> Joined:
    first = partial.parts[min(partial.parts)][1]
    texts, is_in_gap = [], False
    run: list[Deliver] = []  # neighbours, read together
    for index in range(1, total + 1):
        part = partial.parts.get(index)
        if part:
            run.append(part[1])
        elif not is_in_gap:
            texts += [_read(run), GAP]
            run = []
        is_in_gap = part is None
    texts.append(_read(run))
    slots = tuple(slot for _, (slot, _) in sorted(partial.parts.items()))
    return Joined(first.sender, "".join(texts), first.sent_at, slots)


def _read(run: list[Deliver]) -> str:
    """The text of neighbouring parts: a letter that was torn between two is whole again."""
    alphabets = {part.alphabet for part in run}
    if len(alphabets) != 1 or not all(part.codes for part in run):
        return "".join(part.text for part in run)
    return read_codes(alphabets.pop(), tuple(code for part in run for code in part.codes))
