"""The Dozvon daemon: SIP call control, media, routing and configuration of one office box."""

__version__ = "0.1.0"
