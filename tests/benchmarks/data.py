"""Files to measure with: one ledger in many rows, one row in a hundred wrong.

What belongs here: making files, the same ones every time. What does not: reading them (``sides``).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import xlsxwriter

from etl.intake.credit_codes import ALPHABET, LENGTH

#: The ledger with the most demanding rules: rates, a product of two columns, a year.
LEDGER, TITLE = "mutual_insurance", "职工互助保障"
UNITS = ["章贡区", "南康区", "赣县区", "信丰县", "大余县", "上犹县", "崇义县", "安远县", "定南县", "全南县"]
UNITS += [
    "宁都县",
    "于都县",
    "兴国县",
    "会昌县",
    "寻乌县",
    "石城县",
    "瑞金市",
    "龙南市",
    "蓉江新区",
    "赣州经开区",
]

#: Every row another event with another credit code; of a hundred rows one has a number that is none.
_ROWS = """
    SELECT
        '赣州市第' || i || '号企业有限公司' AS "单位名称",
        stem || '{alphabet}'[CAST((31 - list_sum([
            (strpos('{alphabet}', stem[place]) - 1) * ([{weights}])[place] FOR place IN range(1, 18)
        ]) % 31) % 31 + 1 AS BIGINT)]
            AS "统一社会信用代码",
        CASE WHEN i % 3 = 0 THEN '稀土新材料' ELSE '' END AS "产业链",
        '' AS "产业集群",
        '2024' AS "参保年度",
        strftime(DATE '2024-03-01' + CAST(i % 30 AS INTEGER), '%Y-%m-%d') AS "参保日期",
        CASE WHEN i % 2 = 0 THEN '是' ELSE '否' END AS "首次参保",
        CASE WHEN i % 100 = 7 THEN '很多' ELSE CAST(10 + i % 90 AS VARCHAR) END AS "参保人数",
        CAST(1000 + i % 5000 * 2 AS VARCHAR) AS "保费（元）",
        CASE WHEN i % 6 = 0 THEN '50' ELSE '0' END AS "补贴比例",
        CASE WHEN i % 6 = 0 THEN CAST(500 + i % 5000 AS VARCHAR) ELSE '0' END AS "补贴金额（元）",
        '' AS "备注"
    FROM (
        SELECT i, '91360731MA' || lpad(CAST(i AS VARCHAR), 7, '0') AS stem
        FROM range({first}, {first} + {count}) AS numbers(i)
    )
    ORDER BY i
"""
#: Columns that a spreadsheet holds as numbers, where they are numbers.
_NUMBERS = (7, 8, 9, 10)


def _rows(first: int, count: int) -> str:
    """The query of so many rows from number ``first`` on."""
    weights = ", ".join(str(pow(3, place, 31)) for place in range(LENGTH - 1))
    return _ROWS.format(first=first, count=count, alphabet=ALPHABET, weights=weights)


def table_file(folder: Path, rows: int) -> Path:
    """A CSV file; one that is there already is used again."""
    path = folder / f"{rows}" / f"于都县_2024-03_{TITLE}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({_rows(0, rows)}) TO '{unfinished}' (FORMAT csv, HEADER)")
        unfinished.rename(path)
    return path


def workbooks(folder: Path, rows: int) -> list[Path]:
    """Twenty workbooks of so many rows each."""
    made = folder / f"workbooks-{rows}"
    paths = [made / f"{unit}_2024-03.xlsx" for unit in UNITS]
    made.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for number, path in enumerate(paths):
            if not path.exists():
                result = connection.sql(_rows(number * rows, rows))
                _write(path, result.columns, result.fetchall())
    return paths


def _write(path: Path, labels: list[str], rows: list[tuple[str, ...]]) -> None:
    unfinished = path.with_suffix(".unfinished")
    with xlsxwriter.Workbook(unfinished, {"constant_memory": True}) as book:
        page = book.add_worksheet(TITLE)
        page.write_row(0, 0, labels)
        for number, row in enumerate(rows, start=1):
            for index, text in enumerate(row):
                if text:
                    is_number = index in _NUMBERS and text.isdigit()
                    page.write(number, index, int(text) if is_number else text)
    unfinished.rename(path)
