"""QR codes (ISO/IEC 18004) as drawings of the page itself: no image file, no style attribute."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def svg(text: str) -> Markup:
    """The code of a text, dark on light whatever the page's colours are: cameras want it so."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, nl=False, border=2, dark="#000", light="#fff",
        omitsize=True, svgclass="qr", lineclass=None,
    )  # fmt: skip
    return Markup(drawn.getvalue().decode("ascii"))
