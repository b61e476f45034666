"""Coroutines that talk to a human over a leg."""
