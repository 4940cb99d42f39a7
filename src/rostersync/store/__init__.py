"""The local SQLite store: snapshot, roster, run log and state of every integration (contract §4)."""
