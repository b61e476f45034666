"""PURE: RFC 3261 and friends, one file per RFC noun."""
