"""Whole bots and candidates for the lock, in processes or threads."""
