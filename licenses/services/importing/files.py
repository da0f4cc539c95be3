"""From the text of a file to its rows, each with the line it stands on."""

import csv
import json
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from licenses.selectors import export
from licenses.services.importing.rows import COLUMNS, TOLD_BY_EXPORTS

# What an export puts before a cell that a spreadsheet would take for a formula.
_FORMULAS = tuple(f"'{mark}" for mark in export.FORMULAS)
_SPACE = " \t\r\n"


class Unreadable(Exception):
    """The file is not what it is said to be; nothing after this can be believed."""


class Row(NamedTuple):
    """What stands in one row of the file."""

    line: int
    cells: dict[str, Any]


def rows_of(file: TextIO, *, form: str) -> Iterator[Row]:
    """
    Yield the rows of a CSV or JSON file, as an export writes it or by hand.

    :raises Unreadable: if it is no such file, or has a column that nobody knows
    """
    try:
        yield from _json(file.read()) if form == "json" else _csv(file)
    except UnicodeDecodeError:
        raise Unreadable("The file is not in UTF-8.") from None


def _csv(file: TextIO) -> Iterator[Row]:
    reader = csv.DictReader(file, strict=True)
    try:
        columns = [name for name in reader.fieldnames or () if name]
        if not columns:
            raise Unreadable("The file is empty: its first line names the columns.")
        if len(columns) == 1 and ";" in columns[0]:
            raise Unreadable("Columns are separated by commas here, not by semicolons.")
        _check_columns(columns)
        for cells in reader:
            if None in cells:
                raise Unreadable(f"Line {reader.line_num} has more cells than the first line.")
            stated = {name: _unquoted(value) for name, value in cells.items() if name and value}
            if stated:
                yield Row(reader.line_num, stated)
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num}: {error}.") from None


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith(_FORMULAS) else cell


def _json(text: str) -> Iterator[Row]:
    """Yield the objects of an array, or of the `data` of an answer, as far as each can be read."""
    text = text.removeprefix("\ufeff")
    start = text.find("[")
    if start < 0 or text[:start].strip() not in ("", '{"data":'):
        raise Unreadable("The file holds no array of licences.")
    decoder = json.JSONDecoder()
    place, line, counted = start + 1, 1, 0
    while True:
        while place < len(text) and text[place] in _SPACE + ",":
            place += 1
        line, counted = line + text.count("\n", counted, place), place
        if text[place : place + 1] == "]":
            return
        try:
            cells, place = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            raise Unreadable(f"Line {line} is no JSON.") from None
        if not isinstance(cells, dict):
            raise Unreadable(f"Line {line} holds no object.")
        _check_columns(cells)
        yield Row(line, {name: value for name, value in cells.items() if value not in (None, "")})


def _check_columns(names: Any) -> None:
    unknown = set(names) - COLUMNS.keys() - TOLD_BY_EXPORTS
    if unknown:
        raise Unreadable(
            f"Nobody knows what {', '.join(sorted(unknown))} should be."
            f" Known are {', '.join(COLUMNS)}."
        )
