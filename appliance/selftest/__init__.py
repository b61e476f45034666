"""The self-test call: a telephone that nobody here wrote calls the box's echo test."""
