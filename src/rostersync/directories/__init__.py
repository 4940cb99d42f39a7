"""Where the accounts are: the school's directory (rule 8)."""
