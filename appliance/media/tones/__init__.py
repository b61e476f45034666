"""Call progress tones of countries as data files (ITU-T E.180), read by appliance/rtp/tones.py.

PURE data: one TOML file a country, named by its ISO code. Frequencies in Hz, cadences in ms.
"""
