"""Who is let in at all: budgets, bans, signatures of scanners. PURE; gate.py is the facade."""
