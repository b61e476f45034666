"""Makes the tables of docs/phones.md anew from the brands' tables (provisioning/brands/*.toml).

Run it from the root of the repository: ``.venv/bin/python docs/generate_phones.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "phones.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def tables() -> str:
    """One table of all brands, and one of what is verified of each."""
    sys.path.insert(0, str(ROOT))
    from provisioning.catalogue import shipped
    from provisioning.shapes import FileRole

    rows = ["| brand | tier | models | fetches | finds us by | read again |", "|" + "---|" * 6]
    grades = ["| brand | grades |", "|---|---|"]
    for brand in sorted(shipped().brands.values(), key=lambda b: (b.tier, b.title)):
        served = (FileRole.COMMON, FileRole.MASTER, FileRole.DEVICE)
        files = ", ".join(f"`{f.name}`" for f in brand.files if f.role in served)
        options = brand.discovery.get("dhcp_options", [])
        ways = ["PnP"] if brand.discovery.get("pnp") else []
        ways += (
            [f"DHCP {', '.join(map(str, options))}"]
            if isinstance(options, list) and options
            else []
        )
        models = ", ".join(model.name for model in brand.models.values()) or "any (told apart)"
        reread = f"`{brand.reread}`" if brand.reread else "–"
        rows.append(
            f"| **{brand.title}** (`{brand.name}`) | {brand.tier} | {models} | {files or '–'} | "
            f"{'; '.join(ways) or 'a link that serves once'} | {reread} |"
        )
        said = "; ".join(f"{what}: {grade}" for what, grade in brand.grades.items())
        grades.append(f"| {brand.title} | {said} |")
    return "\n".join(["", *rows, "", "Grades:", "", *grades, ""])


def page_with(text: str) -> str:
    """The page with its tables as the brands have them now."""
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + "\n" + tables() + "\n" + END + rest.partition(END)[2]


def main() -> None:
    """Write the page."""
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
