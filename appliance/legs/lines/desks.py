"""Which desk serves which kind of line.

PURE table. Explicit on purpose: a kind that is not listed here does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from appliance.config.model import LineKind
from appliance.legs.lines.fxo_desk import FxoDesk
from appliance.legs.lines.fxs_desk import FxsDesk
from appliance.legs.lines.post import Desk, LinePost
from drivers.api import Port

MakeDesk = Callable[[LinePost, Port], Desk]

DESKS: Mapping[LineKind, MakeDesk] = {
    LineKind.FXS: FxsDesk,
    LineKind.FXO: FxoDesk,
    LineKind.CELLULAR: FxoDesk,
}
