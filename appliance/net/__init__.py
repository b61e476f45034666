"""Sockets: UDP, TCP, DNS and the control socket."""
