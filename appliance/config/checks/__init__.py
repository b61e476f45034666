"""The checks of a configuration, one file per matter; validate.py asks them all. PURE."""
