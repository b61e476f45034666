"""Datagrams taken from a socket many at a time, in C."""
