"""Orders as a table for spreadsheets: one row a line, CSV in UTF-8 with a mark that tells programs so."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from ennichi import locale
from ennichi.kit.clock import JAPAN
from ennichi.kit.errors import Invalid
from ennichi.orders.letters import carrier_name
from ennichi.orders.rows import ExportRow

_MONTH = re.compile(r"\A(20[0-9]{2})-(0[1-9]|1[0-2])\Z")
# What a spreadsheet would read as the beginning of a formula, also in full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

COLUMNS = (
    "number", "placed_at", "state", "title", "variant", "quantity", "returned", "unit_price", "tax_rate", "amount",
    "shipping", "total", "refunded", "method", "buyer", "name", "postal_code", "prefecture", "city", "line1", "line2",
    "phone", "carrier", "tracking", "shipped_at",
)  # fmt: skip


def month_from(text: str) -> tuple[datetime, datetime]:
    """Beginning and end, in Japan, of a month written as 2026-11; Invalid when it is none."""
    found = _MONTH.match(text)
    if not found:
        raise Invalid(("month", "not_a_month"))
    year, month = int(found[1]), int(found[2])
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    return (
        datetime(year, month, 1, tzinfo=JAPAN).astimezone(UTC),
        datetime(*after, 1, tzinfo=JAPAN).astimezone(UTC),
    )


def table(rows: Iterable[ExportRow], lang: str) -> bytes:
    """The file. Shipping, total and refunds stand with the first line of an order only, so that columns add up."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([locale.text(lang, f"export.{name}") for name in COLUMNS])
    for row in rows:
        writer.writerow([guarded(cell) for cell in _cells(row, lang)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def guarded(cell: str | int | None) -> str | int:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def _cells(row: ExportRow, lang: str) -> list[str | int | None]:
    first = row.place == 1
    to = row.address
    code = to["postal_code"]
    return [
        row.number,
        f"{row.placed_at.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}",
        locale.text(lang, f"order_state.{row.state}"),
        row.title,
        row.variant_name,
        row.quantity,
        row.returned,
        row.unit_price,
        row.tax_rate,
        row.unit_price * row.quantity,
        row.shipping if first else None,
        row.total if first else None,
        row.refunded if first else None,
        locale.text(lang, f"pay_method.{row.method}"),
        row.buyer,
        f"{to['family_name']} {to['given_name']}",
        f"{code[:3]}-{code[3:]}",
        to["prefecture"],
        to["city"],
        to["line1"],
        to.get("line2", ""),
        to["phone"],
        carrier_name(lang, row.carrier) if row.carrier else "",
        row.tracking or "",
        f"{row.shipped_at.astimezone(JAPAN):%Y-%m-%d}" if row.shipped_at else "",
    ]
