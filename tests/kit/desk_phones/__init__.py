"""Desk phones that nobody has on the desk: each model as its maker's firmware behaves at boot.

A family knows its MAC, its User-Agent, the names that it asks for in order and when it stops, how
its format is read (strictly), and what each parameter means to it. Nothing of the product is
imported.
"""
