"""Looks for input that ends in an exception other than our own: `make fuzz`, and a short form in the tests."""
