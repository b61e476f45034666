"""Phones set themselves up: TFTP and HTTP for phones that boot."""
