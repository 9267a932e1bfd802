from __future__ import annotations

from decimal import Decimal

import pytest

from ledger.codec.rows import DEPTH_MAX, read_row
from ledger.errors import RecordFormatError


def refusal(text: str | bytes) -> RecordFormatError:
    with pytest.raises(RecordFormatError) as caught:
        read_row(text, line=7)
    assert caught.value.line == 7
    return caught.value


def test_numbers_keep_the_decimal_that_was_written() -> None:
    row = read_row(b'{"a": 660.6, "b": 19.450, "c": 0.1, "d": 4992, "e": 1e3, "f": -0.5}', line=1)
    assert row == {
        "a": Decimal("660.6"),
        "b": Decimal("19.450"),
        "c": Decimal("0.1"),
        "d": Decimal(4992),
        "e": Decimal(1000),
        "f": Decimal("-0.5"),
    }


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_end_of_the_line_is_no_part_of_the_row(end: str) -> None:
    assert read_row('{"a": "x"}' + end, line=1) == {"a": "x"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"\xff", "not UTF-8"),
        ("\ufeff{}", "byte order mark"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("", "is empty"),
        ("  \n", "is empty"),
        ("[]", "one JSON object"),
        ("null", "one JSON object"),
        ("NaN", "NaN is not a number"),
        ('{"a": 1', "not JSON: Expecting ',' delimiter at column"),
        ("{'a': 1}", "not JSON"),
        ('{"a": 1} {"a": 2}', "not JSON: Extra data"),
        ('{"a": "x\ny"}', "not JSON: Invalid control character"),
        ('{"a": 01}', "not JSON"),
        ("[" * 100_000, "nests deeper"),
    ],
)
def test_a_line_that_is_no_object_is_refused(text: str | bytes, reason: str) -> None:
    error = refusal(text)
    assert reason in error.message
    assert error.field == ""


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ('{"a": 1, "b": 2, "a": 1}', "a", "The key 'a' stands twice."),
        ('{"a": [{"b": 1}, {"b": 1, "b": 1}]}', "a[1].b", "The key 'b' stands twice."),
        ('{"a": {"b": NaN}}', "a.b", "NaN is not a number of JSON."),
        ('{"a": -Infinity}', "a", "-Infinity is not a number of JSON."),
        ('{"a": null}', "a", "a is null; leave an empty key out."),
        ('{"a": [""]}', "a[0]", "a[0] is empty; leave an empty key out."),
        ('{"a": 0.1000000000000001}', "a", "more than 15 digits"),
        ('{"a": 1234567890123456}', "a", "more than 15 digits"),
        ('{"a": 1e21}', "a", "out of range"),
        ('{"a": 1e-21}', "a", "out of range"),
        ('{"a": 1e999999999999999999}', "a", "out of range"),
        ('{"a": 1e99999999999999999999}', "a", "out of range"),
        ('{"a": ' + "1" * 5000 + "}", "a", "more than 15 digits"),
        ('{"a": "\\ud800"}', "a", "not Unicode text"),
        ('{"a": {"\\udfff": 1}}', "a", "A key is not Unicode text."),
    ],
)
def test_what_readers_disagree_about_is_refused_at_its_place(
    text: str, field: str, reason: str
) -> None:
    error = refusal(text)
    assert reason in error.message
    assert error.field == field


def test_the_first_flaw_in_the_text_is_the_one_reported() -> None:
    assert refusal('{"a": {"b": [1, null]}, "c": null}').field == "a.b[1]"


def test_as_deep_as_format_goes_and_not_much_deeper() -> None:
    def nested(depth: int) -> str:
        return '{"a":' * depth + "1" + "}" * depth

    assert read_row(nested(DEPTH_MAX), line=1)
    assert refusal(nested(DEPTH_MAX + 1)).rule == "depth"


def test_empty_lists_say_none() -> None:
    assert read_row('{"names": [], "parameters": {}}', line=1) == {"names": [], "parameters": {}}
