"""The daemon's SQL: registrations and journal."""
