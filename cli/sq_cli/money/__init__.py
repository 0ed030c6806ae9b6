"""What a run's paid judgments will cost, before anything is spent."""
