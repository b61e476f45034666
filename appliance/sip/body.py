"""What a message carries: its session description, alone or as a part among others.

PURE. RFC 3261 §7.4, RFC 5621 (multipart bodies), RFC 2046 §5.1.
"""

from __future__ import annotations

from appliance.sip.grammar import parse_params, unquote
from appliance.sip.message import Message, split_body


def sdp_body(message: Message) -> bytes:
    """The session description that a message carries, alone or in a multipart; empty if none."""
    kind = message.content_type
    if kind == "application/sdp" or (not kind and message.body.startswith(b"v=0")):
        return message.body
    if kind.startswith("multipart/"):
        return _part(message, "application/sdp")
    return b""


def _part(message: Message, wanted: str) -> bytes:
    """The first part of this type in a multipart body (RFC 2046 §5.1)."""
    params = parse_params((message.headers.get("Content-Type") or "").partition(";")[2])
    boundary = unquote(params.get("boundary") or "")
    if not boundary:
        return b""
    for part in message.body.split(b"--" + boundary.encode("utf-8", "surrogateescape")):
        head, body = split_body(part.lstrip(b"\r\n"))
        text = head.decode("utf-8", "surrogateescape").lower().replace(" ", "")
        if f"content-type:{wanted}" in text:
            return body.removesuffix(b"\n").removesuffix(b"\r")
    return b""
