"""``dozvon doctor``: what is wrong around the box, one check a file, and what to do about it."""
