"""Rules: the only writers."""
