"""What `sq doctor` checks."""
