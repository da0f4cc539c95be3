"""Rules; the only writers."""
