"""Whether messages wait: application/simple-message-summary.

PURE. RFC 3842 §5.2. A number without a mailbox has no counts; that none of its messages waits is
true all the same, and the lamp of its phone goes out.
"""

from __future__ import annotations

from dataclasses import dataclass

CONTENT_TYPE = "application/simple-message-summary"


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """Voice messages of a mailbox."""

    new: int
    old: int


def format_message_summary(account: str, counts: MessageCounts | None) -> bytes:
    """The document. account: the URI of the mailbox, told where there is one."""
    if counts is None:
        return b"Messages-Waiting: no\r\n"
    waiting = "yes" if counts.new else "no"
    return (
        f"Messages-Waiting: {waiting}\r\n"
        f"Message-Account: {account}\r\n"
        f"Voice-Message: {counts.new}/{counts.old}\r\n"
    ).encode()
