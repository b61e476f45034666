"""Countries' profiles of analog lines as data files (ITU-T E.180 and others), for country.py.

PURE data: one TOML file a country, named by its ISO code. Frequencies in Hz, times in ms.
"""
