"""The configuration: one TOML file, read whole, checked whole, and told about with file, line and key."""
