"""The media core in C and its cffi binding."""
