"""Simulated lines behind drivers.api: telephones to lift, and city lines with an exchange."""
