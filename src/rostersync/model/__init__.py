"""The values that every floor speaks in: records, rows, policy, decisions, plans, diagnostics."""
