"""Where rosters come from."""
