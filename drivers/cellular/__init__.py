"""Cellular modems as lines: calls with serial PCM audio, SMS in PDU mode (Quectel, SIMCom)."""
