"""The story of a run, and what else there is to do with an integration and its store."""
