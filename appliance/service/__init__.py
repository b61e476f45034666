"""The daemon as a service: its supervisor, watchdog, log, memory and end."""
