#!/usr/bin/env python3
"""Compare a sheet of LibreOffice (flat XML, .fods) with the table it was made from.

    spreadsheet.py exact SHEET TABLE      every cell is the text of the table's
    spreadsheet.py default SHEET TABLE    no formula; numbers of at most 15 digits have their value; text is the table's unless
                                          it looks like a number or a date, which only names do that programs have chosen
    spreadsheet.py harmless SHEET         no formula

TABLE ends in .csv if it is CSV. Prints what differs and what was compared; exit status 0 when all is as it should be.
"""
import csv
import decimal
import re
import sys
import xml.etree.ElementTree as ElementTree

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
NUMBERS = {"time", "pid", "tid", "nr", "ret", "duration"}
CHOSEN = {"comm", "path"}
problems = 0


def problem(text):
    global problems
    problems += 1
    if problems <= 20:
        print(text[:400])


def text_of(element):
    parts = [element.text or ""]
    for child in element:
        if child.tag == TEXT + "s":
            parts.append(" " * int(child.get(TEXT + "c", "1")))
        elif child.tag == TEXT + "tab":
            parts.append("\t")
        elif child.tag == TEXT + "line-break":
            parts.append("\n")
        else:
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def cell_of(element):
    """(type or None, value, text shown, formula or None)"""
    value = next((v for k, v in element.attrib.items() if k in (OFFICE + "value", OFFICE + "date-value", OFFICE + "time-value",
                                                                 OFFICE + "boolean-value")), None)
    shown = "\n".join(text_of(p) for p in element.findall(TEXT + "p"))
    return element.get(OFFICE + "value-type"), value, shown, element.get(TABLE + "formula")


def rows_of(path):
    """Rows of the sheet, without the empty cells that fill it up."""
    rows = []
    for _, row in ElementTree.iterparse(path):
        if row.tag != TABLE + "table-row":
            continue
        cells = []
        for element in row:
            cell = cell_of(element)
            repeated = int(element.get(TABLE + "number-columns-repeated", "1"))
            cells += [cell] * (repeated if cell[0] or repeated < 1000 else 0)
        while cells and not cells[-1][0]:
            cells.pop()
        repeated = int(row.get(TABLE + "number-rows-repeated", "1"))
        rows += [cells] * (repeated if cells or repeated < 1000 else 0)
        row.clear()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def table_of(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        if path.endswith(".csv"):
            return list(csv.reader(f))
        return [line.rstrip("\n").split("\t") for line in f]


def digits(text):
    return len(re.sub(r"\D", "", text).strip("0"))


def looks_like_a_number(text):
    """Calc may take it for one, or for a date, an amount of money, a truth value."""
    return text.upper() in ("TRUE", "FALSE") or (len(text) <= 24 and re.search(r"\d", text))


def check_default(column, want, cell, where):
    kind, value, shown, _ = cell
    if kind in (None, "string"):
        if shown != want:
            problem("%s: wanted %r, there is %r" % (where, want, shown))
    elif column in NUMBERS and kind == "float":
        if digits(want) <= 15 and decimal.Decimal(value) != decimal.Decimal(want):
            problem("%s: wanted the number %s, there is %s" % (where, want, value))
    elif column not in CHOSEN or not looks_like_a_number(want):
        problem("%s: %r has become a %s: %s" % (where, want, kind, value))


def main():
    mode, sheet = sys.argv[1:3]
    rows = rows_of(sheet)
    compared = 0
    for i, row in enumerate(rows):
        for kind, value, shown, formula in row:
            if formula is not None or (shown.startswith("#") and kind == "float"):
                problem("row %d: a formula: %s, of value %s" % (i, formula, value))
    if mode != "harmless":
        table = table_of(sys.argv[3])
        if len(table) != len(rows):
            problem("%d rows wanted, %d are there" % (len(table), len(rows)))
        for i, (wanted, row) in enumerate(zip(table, rows)):
            if len(row) > len(wanted):
                problem("row %d: %d cells wanted, %d are there" % (i, len(wanted), len(row)))
            row += [(None, None, "", None)] * (len(wanted) - len(row))
            for column, want, cell in zip(table[0], wanted, row):
                where = "row %d, %s" % (i, column)
                compared += 1
                if mode == "default":
                    check_default(column, want, cell, where)
                elif cell[0] not in (None, "string") or cell[2] != want:
                    problem("%s: wanted %r, there is %s %r" % (where, want, cell[0], cell[2]))
    print("%d rows, %d cells compared, %d wrong" % (len(rows), compared, problems))
    sys.exit(1 if problems or not rows else 0)


if __name__ == "__main__":
    main()
