"""The Dozvon daemon: SIP call control, media, routing and configuration of one office box."""
