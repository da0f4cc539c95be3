"""What devices report, and whoever acts for them by an API key."""
