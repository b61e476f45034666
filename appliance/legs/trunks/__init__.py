"""Trunks: who a provider is, its registrations, its state, calls by it."""
