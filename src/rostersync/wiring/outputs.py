"""Which output stands behind which format."""

from __future__ import annotations

from typing import Literal

from rostersync.config import adapters
from rostersync.config.schema import IntegrationConfig
from rostersync.outputs.apple_school_manager import AppleSchoolManager
from rostersync.outputs.base import Output
from rostersync.outputs.jsonl import JsonLines
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.outputs.school_data_sync import SchoolDataSync


def open_output(section: adapters.Output, config: IntegrationConfig) -> Output:
    """Put an output of an integration together; nothing is written yet."""
    match section:
        case adapters.OneRosterOutput():
            version: Literal["1.1", "1.2"] = "1.1" if section.format == "oneroster-1.1" else "1.2"
            return OneRosterCsv(version, section.path, config.partner_id, section.spreadsheet_safe)
        case adapters.SchoolDataSyncOutput():
            return SchoolDataSync(section.path, section.spreadsheet_safe)
        case adapters.AppleSchoolManagerOutput():
            return AppleSchoolManager(section.path, section.spreadsheet_safe, section.archived_for)
        case adapters.JsonLinesOutput():
            return JsonLines(section.path, config.name, config.partner_id)
