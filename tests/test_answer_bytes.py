"""The bytes of an answer: those that Python's own JSON has, whatever stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api.http.finished import finished

LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


@settings(settings.get_profile("tables"))
@given(data=VALUES)
def test_any_value_is_written_as_python_writes_it(data: Any) -> None:
    body = finished({"data": data}, "application/json").body
    assert body == json.dumps({"data": data}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def test_no_character_is_written_in_another_way() -> None:
    for text in [*map(chr, range(256)), "\u2028", "䶮", "😀", "\ufeff", "</script>"]:
        body = finished({"data": {text: text}}, "application/json").body
        assert body == json.dumps({"data": {text: text}}, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**400])
def test_large_numbers_are_written_whole(number: int) -> None:
    assert finished({"data": number}, "application/json").body == b'{"data":%d}' % number
