"""The routes that sold software calls: a key or a token in the body, nothing of sessions."""
