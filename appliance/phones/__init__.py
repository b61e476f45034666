"""Desk phones: what is known of them, when they may be told secrets, how they hear of changes."""
