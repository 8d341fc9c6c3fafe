"""Tables as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mediaflow_assets.core.errors import BadInput, Unavailable
from mediaflow_assets.core.files import atomic_path
from mediaflow_assets.tables.dataset import COLUMNS, Dataset

Format = Literal["csv", "parquet", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "xlsx")
MAX_SHEET_ROWS = 1_048_576 - 1
"""Of Excel, without the head."""


def export_tables(dataset: Dataset, folder: Path, format_: Format) -> list[Path]:
    """Write every table of ``dataset`` into ``folder``; returns the files.

    CSV and Parquet: a file per table. Excel: one workbook with a sheet per table.

    Raises:
        BadInput: a table has more rows than a sheet.
        Unavailable: the library that writes this format is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if format_ == "xlsx":
            return [_workbook(dataset, folder / "tables.xlsx")]
        return [_file(dataset, name, folder / f"{name}.{format_}", format_) for name in COLUMNS]
    except ImportError as error:
        raise Unavailable(
            format_, f"cannot be written ({error.name or error})", 'Install the extra "tables", or choose csv'
        ) from error


def _file(dataset: Dataset, name: str, path: Path, format_: Format) -> Path:
    table = dataset.table(name)
    with atomic_path(path) as temporary:
        if format_ == "csv":
            table.to_csv(temporary, index=False, lineterminator="\r\n")
        else:
            table.to_parquet(temporary, index=False, engine="pyarrow")
    return path


def _workbook(dataset: Dataset, path: Path) -> Path:
    import pandas as pd

    for name in COLUMNS:
        if (rows := len(dataset.table(name))) > MAX_SHEET_ROWS:
            raise BadInput(name, f"has {rows} rows, which no sheet can hold", "Choose csv or parquet")
    with atomic_path(path) as temporary, pd.ExcelWriter(temporary, engine="openpyxl") as writer:
        for name in COLUMNS:
            dataset.table(name).to_excel(writer, sheet_name=name, index=False)
    return path
