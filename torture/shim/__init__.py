"""Starts the program in processes of its own, each a fork of one that has it loaded, and harms them from outside."""
