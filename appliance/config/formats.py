"""The number of the document format, and the steps that bring older documents up to it.

PURE. STEPS[n] turns plain data of format n into n+1; it runs before the codec, so that a step may
rename or move fields which the present dataclasses no longer have. A step works on its own copy.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from appliance.config.former_classes import to_format_2
from appliance.errors import ConfigErrors, Problem

Step = Callable[[dict[str, Any]], dict[str, Any]]

#: The format that this version writes.
FORMAT = 2
STEPS: Mapping[int, Step] = {1: to_format_2}


def upgrade(
    data: dict[str, Any], number: int, *, newest: int = FORMAT, steps: Mapping[int, Step] = STEPS
) -> dict[str, Any]:
    """data of format number as data of the newest; ConfigErrors ``file.format_unknown``."""
    if not 1 <= number <= newest:
        params = {"value": str(number), "newest": str(newest)}
        raise ConfigErrors((Problem("file.format_unknown", "format", params),))
    if number < newest:
        data = copy.deepcopy(data)
    for step in range(number, newest):
        data = steps[step](data)
    return data
