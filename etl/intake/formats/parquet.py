"""Parquet: one table a file, its columns' names as the header row.

What belongs here: turning typed columns into cells. What does not: what the columns mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from etl.intake.formats import refusals
from etl.intake.formats.content import Content, Sheet, TextFile, Unreadable
from etl.intake.formats.encodings import line_count
from etl.intake.formats.excess import check_columns, check_rows, check_unpacked_bytes
from etl.intake.formats.source import Source, temporary_file
from etl.intake.formats.tables import HEAD_RECORDS
from etl.intake.formats.trimming import trimmed
from etl.limits import Limits

#: A table with more cells becomes a text file for a faster reader; no object is made for its rows.
LARGE_CELLS = 2_000_000


def read_parquet(source: Source, limits: Limits, folder: Path | None) -> Content:
    """The cells of a Parquet file, the columns' names above them.

    Raises:
        OverLimit: it has too many rows, columns or bytes.
        Unreadable: it is damaged, or a column holds lists or structures.
    """
    try:
        with source.open() as stream, pq.ParquetFile(stream) as file:
            _check(file.metadata, limits)
            for field in file.schema_arrow:
                _check_type(field)
            if file.metadata.num_rows * file.metadata.num_columns > LARGE_CELLS:
                return _large(file, folder)
            return Content((Sheet(None, _rows(file.schema_arrow.names, [file.read()])),), is_workbook=False)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, pa.ArrowMemoryError) or getattr(error, "errno", None) is not None:
            raise  # short of memory, or the operating system's: not the file's fault
        raise refusals.NO_PARQUET.error(cause=str(error).strip().splitlines()[0][:200]) from error


def _check(metadata: pq.FileMetaData, limits: Limits) -> None:
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    check_rows(metadata.num_rows, limits)
    check_columns(metadata.num_columns, limits)
    check_unpacked_bytes(sum(group.total_byte_size for group in groups), limits)


def _check_type(field: pa.Field) -> None:
    if pa.types.is_nested(field.type):
        raise Unreadable(
            f"Parquet 文件的列“{field.name}”是列表或结构（{field.type}）；每列只能是单个值，请展开后重新导出",
            f"column “{field.name}” of the Parquet file holds lists or structures ({field.type}); a column "
            "holds single values: flatten it and export it again",
        )


def _rows(names: Iterable[str], tables: Iterable[pa.Table | pa.RecordBatch]) -> list[list[Any]]:
    rows: list[list[Any]] = [list(names)]
    for table in tables:
        table.validate(full=True)
        columns = [_cells(column).to_pylist() for column in table.columns]
        rows += [["" if value is None else value for value in row] for row in zip(*columns, strict=True)]
    return trimmed(rows)


def _large(file: pq.ParquetFile, folder: Path | None) -> Content:
    """The table as a text file, written in pieces."""
    names = file.schema_arrow.names
    schema = pa.schema([(f"{number}", pa.string()) for number in range(len(names))])
    head: list[list[Any]] = []
    with temporary_file(folder, ".csv") as target:
        path = Path(target.name)
        try:
            header = pa.table([[name] for name in names], schema=schema)
            pa_csv.write_csv(header, target, pa_csv.WriteOptions(include_header=False))
            writer = pa_csv.CSVWriter(target, schema, write_options=pa_csv.WriteOptions(include_header=False))
            with writer:
                for batch in file.iter_batches():
                    batch.validate(full=True)
                    texts = [_cells(column).cast(pa.string()) for column in batch.columns]
                    table = pa.table(texts, schema=schema)
                    head = head or _rows(names, [table.slice(0, HEAD_RECORDS - 1)])
                    writer.write_table(table)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    text_file = TextFile(path, ",", head, line_count(path), temporary=True)
    return Content((Sheet(None, head),), is_workbook=False, text_file=text_file)


def _cells(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column as cells: texts, numbers, booleans, dates and times; exact decimals become texts."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _cells(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64())
        return pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)
    if pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column) if kind.tz is not None else column
        return local.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date(kind):
        return column
    if pa.types.is_time(kind):
        return column.cast(pa.time64("us"), safe=False)
    return column.cast(pa.string())
