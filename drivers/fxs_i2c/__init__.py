"""FXS ports made of SLICs (Ag1171, KS0835F) on an MCP23017, and FXO ports (CPC5622) beside them.

What a board is: boards.toml and boards.py. The rules of ringing: ringing.py. One line: fxs_line.py,
fxo_line.py; all lines of a chip: expander.py. All these are PURE. tender.py does the bus, in
keeper.py, a process of its own; device.py is the driver that the daemon sees; silence.py is what
makes every port quiet when somebody died. docs/hardware.md tells how to wire it.
"""
