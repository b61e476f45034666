"""What numbers look like in this office, made from the active dial profile.

PURE. Routing is asked, so that no phone ever knows better: a shape is final when no number of it
can grow (K5), and emergency numbers come first and are final unless local numbers begin like them
(K2). Whatever no shape foresees can still be dialled: it waits for the phone's timer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from appliance.config.model import Snapshot
from appliance.routing.plan import plan_of
from appliance.routing.profile import Profile
from provisioning.api import DialPlan, DialRule

_DIGITS = "0123456789"
_KEPT_AS = "_phones_dial_plan"


def dial_plan_of(snapshot: Snapshot) -> DialPlan:
    """The shapes of numbers of one revision, made once and kept inside of it as its Plan is."""
    plan: DialPlan | None = vars(snapshot).get(_KEPT_AS)
    if plan is None:
        plan = vars(snapshot)[_KEPT_AS] = _made(snapshot)
    return plan


def _made(snapshot: Snapshot) -> DialPlan:
    profile = plan_of(snapshot).profile
    rules = dict.fromkeys((*_emergency(profile), *_inside(profile), *_outside(profile)))
    everything = (DialRule("x", False), DialRule("*x", False))
    return DialPlan(
        rules=(*rules, *everything), inter_digit_s=snapshot.document.dialling.inter_digit_s
    )


def samples_of(pattern: str) -> Iterator[str]:
    """Some numbers of a pattern: every ``x`` the same digit, every set each of its digits."""
    heads = [""]
    for symbol in _symbols(pattern):
        if symbol == "x":
            heads = [head + symbol for head in heads]
        else:
            heads = [head + digit for head in heads for digit in symbol]
    for head in heads:
        yield from {head.replace("x", digit) for digit in _DIGITS}


def _symbols(pattern: str) -> Iterator[str]:
    """One after the other: a digit, ``x``, or the digits of a set."""
    rest = pattern
    while rest:
        if rest[0] == "[":
            inner, _, rest = rest[1:].partition("]")
            yield _digits_of(inner)
        else:
            symbol, rest = rest[0], rest[1:]
            yield symbol


def _digits_of(inner: str) -> str:
    found, rest = "", inner
    while rest:
        if rest[1:2] == "-":
            found += _DIGITS[_DIGITS.index(rest[0]) : _DIGITS.index(rest[2]) + 1]
            rest = rest[3:]
        else:
            found, rest = found + rest[0], rest[1:]
    return found


def _some(digits: Iterable[str]) -> str:
    """One of these digits as a pattern: ``7``, ``[1-4]``, ``[2-79]``, ``x``."""
    wanted = sorted(set(digits))
    if len(wanted) == 1:
        return wanted[0]
    if len(wanted) == len(_DIGITS):
        return "x"
    text, start = "", 0
    for place in range(1, len(wanted) + 1):
        if place == len(wanted) or int(wanted[place]) != int(wanted[place - 1]) + 1:
            run = wanted[start:place]
            text += "".join(run) if len(run) < 3 else f"{run[0]}-{run[-1]}"
            start = place
    return f"[{text}]"


def _rule(profile: Profile, pattern: str) -> DialRule:
    """The rule of a pattern; final when none of its numbers could become a longer one."""
    return DialRule(pattern, not any(profile.can_grow(number) for number in samples_of(pattern)))


def _emergency(profile: Profile) -> Iterator[DialRule]:
    for is_final in (True, False):
        groups: dict[str, set[str]] = {}
        for number in profile.emergency:
            if (number not in profile.emergency_waits) is is_final:
                groups.setdefault(number[:-1], set()).add(number[-1])
        for head, last in groups.items():
            yield DialRule(head + _some(last), is_final)


def _inside(profile: Profile) -> Iterator[DialRule]:
    groups: dict[tuple[str, int], set[str]] = {}
    for number in profile.extensions:
        groups.setdefault((number[0], len(number)), set()).add(number)
    blocks = {first + "x" * (length - 1): numbers for (first, length), numbers in groups.items()}
    for code in profile.codes:
        if code in profile.forward_codes:
            yield DialRule(code + "x", False)  # any number may follow
        else:
            yield DialRule(code, not profile.can_grow(code))
    for pattern, numbers in blocks.items():
        is_final = _rule(profile, pattern).is_final and not any(map(profile.can_grow, numbers))
        yield DialRule(pattern, is_final)
        if profile.directed_pickup_code:
            yield DialRule(profile.directed_pickup_code + pattern, is_final)


def _outside(profile: Profile) -> Iterator[DialRule]:
    plan, prefix = profile.numbers.plan, profile.prefix
    for head in _not_beginning(plan.trunk_prefix, plan.international_prefix):
        rest = plan.national_length - (len(head) - len(plan.trunk_prefix))
        if head.startswith(plan.trunk_prefix):
            rest = plan.national_length - _length(head[len(plan.trunk_prefix) :])
        yield _rule(profile, prefix + head + "x" * rest)
    taken = {plan.trunk_prefix[0], plan.international_prefix[0], "0"}
    first = _some(set(_DIGITS) - taken)
    if profile.numbers.is_bare_national:
        yield _rule(profile, prefix + first + "x" * (plan.national_length - 1))
    yield _rule(profile, prefix + first + "x" * (profile.numbers.local_length - 1))
    yield DialRule(prefix + plan.international_prefix + "x", False)


def _not_beginning(trunk: str, international: str) -> Iterator[str]:
    """Beginnings of national numbers: the trunk prefix, and on where another prefix lies in it.

    ``8`` and ``810`` give ``8[02-9]`` and ``81[1-9]``.
    """
    if not international.startswith(trunk) or international == trunk:
        yield trunk
        return
    for place in range(len(trunk), len(international)):
        others = set(_DIGITS) - {international[place]}
        if place == len(trunk):
            others -= {"0"}  # no national number begins with it
        yield international[:place] + _some(others)


def _length(pattern: str) -> int:
    return sum(1 for _ in _symbols(pattern))
