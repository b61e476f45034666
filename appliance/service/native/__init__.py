"""Where the interpreter's objects lie, in C."""
