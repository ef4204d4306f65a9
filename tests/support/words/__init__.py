"""What the program says, for tests that compare texts."""
