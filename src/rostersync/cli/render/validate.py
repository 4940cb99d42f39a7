"""What the validator found: the document, which is made while the package is read, and its view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from rostersync.cli.render.document import Document
from rostersync.cli.render.text import safe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.sources.csv.validate import Finding, Validation

_STYLES = {"error": "bold red", "warning": "yellow"}


class Report(Mapping[str, Any]):
    """The document of `validate`: `findings` can be taken once, and only then is what stands after them known."""

    def __init__(self, validation: Validation) -> None:
        """Take a validation that has not begun."""
        self._validation = validation

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - the values of a document
        """Give a value of the document."""
        return _VALUES[key](self._validation)

    def __iter__(self) -> Iterator[str]:
        """Give the keys in the order in which they are written."""
        return iter(_VALUES)

    def __len__(self) -> int:
        """Count the keys."""
        return len(_VALUES)


def _entry(finding: Finding) -> dict[str, object]:
    return {**finding._asdict(), "severity": str(finding.severity)}


_VALUES: dict[str, Callable[[Validation], Any]] = {
    "schema": lambda _: "rostersync/validate/1",
    "path": lambda validation: str(validation.path),
    "findings": lambda validation: map(_entry, validation),
    "version": lambda validation: validation.version,
    "ok": lambda validation: validation.ok,
    "counts": lambda validation: {str(severity): count for severity, count in validation.counts.items()},
}


def show(answer: Document) -> Iterator[RenderableType]:
    """A paragraph for each finding, what to do told once for each rule, and the numbers."""
    told: set[str] = set()
    for entry in answer["findings"]:
        yield _headline(entry)
        yield Padding(safe(entry["message"]), (0, 0, 0, 2))
        if entry["rule"] not in told:
            told.add(entry["rule"])
            yield Padding(safe(f"→ {entry['remedy']}"), (0, 0, 0, 2))
    yield _numbers(answer)


def _headline(entry: Mapping[str, Any]) -> Text:
    """Where it is, how grave, and which rule: on one line that an editor or `grep` can use."""
    place = ":".join(str(part) for part in (entry["file"], entry["line"]) if part is not None) or "package"
    column = f" {entry['column']}" if entry["column"] else ""
    severity = entry["severity"]
    rule = f"  {entry['rule']} ({entry['code']})"
    return Text.assemble(safe(f"{place}{column}", "bold"), "  ", (severity, _STYLES.get(severity, "")), safe(rule))


def _numbers(answer: Document) -> Text:
    version = f"OneRoster {answer['version']}" if answer["version"] else "No package"
    if answer["ok"]:
        return Text.assemble(version, ": ", ("nothing found", "green"))
    counts = answer["counts"]
    return Text(f"{version}: {_count(counts['error'], 'error')}, {_count(counts['warning'], 'warning')}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
