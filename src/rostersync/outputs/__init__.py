"""Writes the roster in the formats that other systems take."""
