"""Paths under ``/sandbox/``: what the page and the tests do and see."""
