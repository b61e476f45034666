"""What the wizard's steps make of a form: documents out of documents.

PURE but for secrets and lists of time zones; pages and saving are views/wizard.py.
"""
