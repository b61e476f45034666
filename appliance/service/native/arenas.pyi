"""arenas.c, made by scripts/compile.py."""

def use_large_pages(page_octets: int) -> bool:
    """Have all arenas from now on lie in pages of this size; False where they do not fit."""
