"""The engine: rules.md as a pure function of snapshot, roster, accounts, policy and date."""
