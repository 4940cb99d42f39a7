"""OneRoster as CSV files in a folder or a zip, versions 1.0, 1.1 and 1.2."""

from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.source import CsvSource

__all__ = ["CsvSettings", "CsvSource"]
