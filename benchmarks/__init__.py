"""How fast rostersync is, and how small: `python -m benchmarks` (see `benchmarks.__main__`)."""
