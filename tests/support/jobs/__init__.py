"""Jobs and money: workers that are killed, matrices, and the moves of a random machine."""
