"""Tries to break the promises that nothing is lost and nothing let in: see docs/reliability.md."""
