"""Lines as legs: telephones on wires, city lines, SIMs, of whatever hardware."""
