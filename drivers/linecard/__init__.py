"""Our own multi-port line card over UART or USB-CDC (docs/linecard-protocol.md)."""
