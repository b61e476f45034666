"""The demo: a ready office and a simulated provider, so that one softphone is enough to try all."""
