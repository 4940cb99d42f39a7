"""rostersync keeps a school's roster true: OneRoster in, a safe local roster out."""

__version__ = "0.1.0"
