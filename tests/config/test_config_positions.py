"""Lines and spans of keys in TOML."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.config.positions import Form, KeyPath, Lines, dotted, scan

TEXT = """\
# comment with [brackets] = "x"
top = 1 # a = 2

[a] # header
b = "x # no comment"
c.d = '''
[not.a.header]
e = 1
'''
"quoted key" = { x = 1, y = [ { z = 2 } ] }
list = [
  "one", # first
  # [none]
  { two = 2 },
  [ "three" ],
]
literal = '''
f = "1'''
when = 1979-05-27 07:32:00 # later
[ a . "sub.table" ]
k = 'its'
[[a.items]]
n = 1
[[a.items]]
n = 2
[a.items.inner]
m = 3
[deep.er.still]
o = ""
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 4),
        (("a", "b"), 5),
        (("a", "c", "d"), 6),
        (("a", "c"), 6),
        (("a", "quoted key", "y", 0, "z"), 10),
        (("a", "list"), 11),
        (("a", "list", 0), 12),
        (("a", "list", 1, "two"), 14),
        (("a", "list", 2, 0), 15),
        (("a", "literal"), 17),
        (("a", "when"), 19),
        (("a", "sub.table", "k"), 21),
        (("a", "items", 0, "n"), 23),
        (("a", "items", 1), 24),
        (("a", "items", 1, "n"), 25),
        (("a", "items", 1, "inner", "m"), 27),
        (("deep", "er"), 28),
    ],
)
def test_every_way_to_write_a_key_has_its_line(path: KeyPath, line: int) -> None:
    assert Lines(TEXT).line(path) == line


def test_what_is_missing_has_the_line_of_the_nearest_table() -> None:
    lines = Lines(TEXT)
    assert lines.line(("a", "items", 1, "none", "x")) == 24
    assert lines.line(("a", "none")) == 4
    assert lines.line(("none",)) is None
    assert lines.line(()) is None


def test_windows_line_ends_count_once() -> None:
    assert Lines("a = 1\r\n\r\nb = 2\r\n").line(("b",)) == 3


def test_paths_are_written_as_people_write_them() -> None:
    assert dotted(("a", "b-1", "outputs", 0, "format")) == "a.b-1.outputs[0].format"
    assert dotted(("map", "11 004", 'x"y', "")) == 'map."11 004"."x\\"y".""'
    assert dotted(()) == ""


def test_spans_hold_the_whole_of_a_key_and_its_value() -> None:
    text = 'a = [\n 1,\n] # c\n[t]\nb = { c = "}" , d = 2 }\n'
    assert [(text[place.start : place.end], place.form) for place in scan(text)] == [
        ("a = [\n 1,\n]", Form.PAIR),
        ("1", Form.ITEM),
        ("[t]", Form.HEADER),
        ('b = { c = "}" , d = 2 }', Form.PAIR),
        ('c = "}"', Form.MEMBER),
        ("d = 2", Form.MEMBER),
    ]


def paths_of(value: object, path: KeyPath = ()) -> set[KeyPath]:
    """Every path in parsed TOML."""
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    found = {path} if path else set()
    return found.union(*(paths_of(member, (*path, key)) for key, member in members)) if members else found


def test_every_key_that_the_parser_finds_has_a_line_of_its_own() -> None:
    lines = Lines(TEXT)
    for path in paths_of(tomllib.loads(TEXT)):
        assert path in lines._lines


TEXTS = st.sampled_from(["x", "# no", "] }", "a = 1", "[t]", 'q"q', "é", "'", "\\", "a,b"])
VALUES = st.recursive(
    TEXTS.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
    | TEXTS.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'")
    | TEXTS.filter(lambda text: "'" not in text).map(lambda text: f"'''\n{text}\n[h]\n'''")
    | TEXTS.map(lambda text: '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '\\\n  z"""')
    | st.sampled_from(["1", "-1.5e3", "true", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "inf"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # c ]\n".join(items) + "\n]")
        | st.lists(inner.filter(lambda text: "\n" not in text), max_size=3).map(
            lambda items: "{ " + ", ".join(f"k{number} = {item}" for number, item in enumerate(items)) + " }"
        )
    ),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=6))
def test_the_scanner_finds_what_the_parser_finds(values: list[str]) -> None:
    text = "".join(f'[t{number}] # [x]\nkey."two {number}" = {value}\n' for number, value in enumerate(values))
    found = {place.path for place in scan(text)}
    parsed = paths_of(tomllib.loads(text))
    implied = {path for path in parsed if len(path) == 2}
    assert found | implied == parsed
