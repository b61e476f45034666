"""Makes the tables of docs/configuration.md anew from the dataclasses of appliance/config/model.py.

Run it from the root of the repository: ``.venv/bin/python docs/generate_configuration.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "configuration.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def main() -> None:
    """Write the page with its tables as the code has them now."""
    sys.path.insert(0, str(ROOT))
    from appliance.config.reference import reference_tables, replace_between

    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(replace_between(page, BEGIN, END, reference_tables()), encoding="utf-8")


if __name__ == "__main__":
    main()
