"""Draws docs/states/*.svg anew from the tables of the code: SIP transactions, subscriptions, calls.

Run it from the root of the repository: ``.venv/bin/python docs/generate_states.py``. A transaction
is drawn as boxes with arrows to the next state; the call's table names handlers, and is drawn as a
table. The same tables always give the same text, so that a test can compare.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "states"
ROW, BOX_WIDTH, GAP, MARGIN, LANE = 18, 670, 26, 20, 22
CELL_WIDTH, CELL_HEIGHT = 168, 24
STYLE = (
    "text{font:12px monospace;fill:#222}.title{font-weight:bold}.quiet{fill:#999}"
    "rect{fill:#f6f8fa;stroke:#57606a}path{fill:none;stroke:#0969da}.head{fill:#0969da}"
)


@dataclass(frozen=True)
class Step:
    """One row of a state: on this input, to that state, doing these things."""

    what: str
    target: str
    does: str


Machine = Mapping[str, Sequence[Step]]


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (FOLDER / name).write_text(picture, encoding="utf-8")


def pictures() -> dict[str, str]:
    """File name -> SVG."""
    sys.path.insert(0, str(ROOT))
    from appliance.call.call import TABLE as CALL
    from appliance.sip.subscription import TABLE as SUBSCRIPTION
    from appliance.sip.transaction import TABLE as TRANSACTIONS

    machines: dict[str, dict[str, list[Step]]] = {}
    for (kind, state, what), row in TRANSACTIONS.items():
        machine = machines.setdefault(kind.name.lower(), {})
        does = ", ".join(act.name.lower() for act in row.acts)
        machine.setdefault(state.name, []).append(Step(what.name, row.state.name, does))
        machine.setdefault(row.state.name, [])
    subscription: dict[str, list[Step]] = {state.name: [] for state, _ in SUBSCRIPTION}
    for (before, what_came), told in SUBSCRIPTION.items():
        does = "" if told.act.name == "NOTHING" else told.act.name.lower()
        subscription[before.name].append(Step(what_came.name, told.state.name, does))
    drawn = {f"{name}_transaction.svg": machine_svg(_last(m)) for name, m in machines.items()}
    cells = {(what.__name__, s.name): row.__name__ for (s, what), row in CALL.items()}
    drawn["subscription.svg"] = machine_svg(_last(subscription))
    return {**drawn, "call.svg": table_svg(cells)}


def machine_svg(machine: Machine) -> str:
    """Boxes under one another; each state that is entered from others has a lane of its own."""
    tops = _tops(machine)
    lanes = {name: index for index, name in enumerate(_entered(machine))}
    right = MARGIN + BOX_WIDTH
    body: list[str] = []
    for name, steps in machine.items():
        body += _box(name, steps, tops[name])
    for name, lane in lanes.items():
        body += _lane(name, machine, tops, right + LANE * (lane + 1))
    last = list(machine)[-1]
    height = tops[last] + ROW * (len(machine[last]) + 1) + GAP
    return _svg(right + LANE * (len(lanes) + 2), height, body)


def table_svg(cells: Mapping[tuple[str, str], str]) -> str:
    """Inputs as rows, states as columns, in the cells what is done; empty = must not happen."""
    rows = list(dict.fromkeys(what for what, _ in cells))
    columns = list(dict.fromkeys(state for _, state in cells))
    body = [
        _text(MARGIN + CELL_WIDTH * (i + 1), MARGIN + 14, state, "title")
        for i, state in enumerate(columns)
    ]
    for r, what in enumerate(rows, 1):
        y = MARGIN + CELL_HEIGHT * r + 14
        body.append(_text(MARGIN, y, what, "title"))
        for c, state in enumerate(columns, 1):
            done = cells.get((what, state), "").removeprefix("on_")
            style = "quiet" if done == "ignore" else ""
            if done:
                body.append(_text(MARGIN + CELL_WIDTH * c, y, done, style))
    width = MARGIN * 2 + CELL_WIDTH * (len(columns) + 1)
    return _svg(width, MARGIN * 2 + CELL_HEIGHT * (len(rows) + 1), body)


def _last(machine: dict[str, list[Step]]) -> Machine:
    """The states with those that nothing leaves at the end."""
    return dict(sorted(machine.items(), key=lambda item: not item[1]))


def _tops(machine: Machine) -> dict[str, int]:
    tops, y = {}, MARGIN
    for name, steps in machine.items():
        tops[name] = y
        y += ROW * (len(steps) + 1) + GAP
    return tops


def _entered(machine: Machine) -> Iterable[str]:
    """States that another one leads to, in the order of the table."""
    entered = {s.target for name, steps in machine.items() for s in steps if s.target != name}
    return [name for name in machine if name in entered]


def _box(name: str, steps: Sequence[Step], top: int) -> list[str]:
    height = ROW * (len(steps) + 1) + 6
    parts = [f'<rect x="{MARGIN}" y="{top}" width="{BOX_WIDTH}" height="{height}" rx="4"/>']
    parts.append(_text(MARGIN + 8, top + 14, name, "title"))
    for index, step in enumerate(steps, 1):
        y = top + ROW * index + 14
        parts.append(_text(MARGIN + 20, y, step.what, ""))
        parts.append(_text(MARGIN + 150, y, step.does, "quiet"))
    return parts


def _lane(target: str, machine: Machine, tops: Mapping[str, int], x: int) -> list[str]:
    """From each row that leads to the target, by the target's lane, to its title."""
    right, end = MARGIN + BOX_WIDTH, tops[target] + 10
    parts = []
    for name, steps in machine.items():
        for index, step in enumerate(steps, 1):
            if step.target == target != name:
                y = tops[name] + ROW * index + 10
                parts.append(f'<path d="M{right} {y}H{x}V{end}H{right + 7}"/>')
    head = f"M{right + 1} {end}l8 -4v8z"
    return [*parts, f'<path class="head" d="{head}"/>']


def _text(x: int, y: int, text: str, style: str) -> str:
    chosen = f' class="{style}"' if style else ""
    return f'<text x="{x}" y="{y}"{chosen}>{escape(text)}</text>'


def _svg(width: int, height: int, body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    ground = f'<path d="M0 0H{width}V{height}H0z" style="fill:#fff;stroke:none"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", ground, *body, "</svg>", ""])


if __name__ == "__main__":
    main()
