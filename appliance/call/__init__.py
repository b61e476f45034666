"""PURE: call control over two vocabularies, LegEvent in and LegCommand out."""
