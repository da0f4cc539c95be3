"""Rules about people: the only writers."""
