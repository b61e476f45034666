"""The plain SIP message in C, as nearly all are; what is not plain is message.py's, in Python."""
