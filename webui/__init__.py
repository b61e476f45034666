"""The web pages of the box, served by Flask."""
