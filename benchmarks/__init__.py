"""What the portal can do on this machine, as ratios that a noisy machine doesn't change."""
