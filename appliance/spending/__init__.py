"""What calls cost the office, as far as limits need it."""
