"""The chat page in a real browser, and what its screens may hold."""
