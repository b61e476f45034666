"""Numbering plans, providers and dial profiles as data files."""
