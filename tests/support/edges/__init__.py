"""Telegram and kie.ai for tests: their simulators, fakes, and what they send."""
