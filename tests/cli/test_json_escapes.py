"""A JSON document on a terminal: the same values, and no character in it that a terminal would obey."""

from __future__ import annotations

import json
import unicodedata

import pytest

from rostersync.cli.render.document import document, pieces

HOSTILE = "\x1b[31m \x7f \x9b31m \xad \u200b \u202e \u2028 \u2066 \ufeff \U000e0041 \u200d é 東 😀"


@pytest.mark.parametrize("value", [HOSTILE, {HOSTILE: HOSTILE}, [HOSTILE]], ids=["text", "key", "list"])
@pytest.mark.parametrize("streamed", [False, True])
def test_nothing_in_a_document_moves_or_hides_what_is_shown(value: object, *, streamed: bool) -> None:
    rows = (each for each in [value, "plain"]) if streamed else [value, "plain"]
    text = b"".join(pieces(document("x", rows=rows))).decode()
    assert json.loads(text)["rows"] == [value, "plain"]
    hidden = {one for one in text if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp"}} - {"\n", "\u200d"}
    assert not hidden
    assert "東 😀" in text


def test_every_character_that_text_escapes_is_escaped_here_too() -> None:
    every = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x110000)]))
    hidden = {one for one in every if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp"}} - {"\u200c", "\u200d"}
    assert hidden.isdisjoint(b"".join(pieces(every)).decode())
