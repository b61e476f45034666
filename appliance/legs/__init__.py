"""Adapters that execute LegCommands and raise LegEvents, without policy."""
