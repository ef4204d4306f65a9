"""PostgreSQL for tests: real servers, a pooler, a standby, and ways to make them fail."""
