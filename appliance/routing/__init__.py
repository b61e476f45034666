"""PURE: one engine that decides every call's way."""
