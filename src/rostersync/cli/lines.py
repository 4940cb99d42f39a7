"""Answers whose lines stay whole however narrow the terminal is: what is installed, sentences with paths."""

from __future__ import annotations

import sys

from rostersync.cli.context import Context, View
from rostersync.cli.output import write_lines
from rostersync.cli.render.document import Document


def show_lines(context: Context, document: Document, view: View) -> None:
    """Answer on stdout: the document with `--json`, else the lines that the view makes of it, none of them folded."""
    if context.json:
        context.print(document)
    else:
        write_lines(sys.stdout, view(document))
