/** Files: those of the server, asked for with the reader's token, and tables of the page as CSV and workbooks. */
import { AskError, authorization, troubleOf } from "./client";

/** A cell of a table: a text, or a number that is exact as it stands. */
export type Cell = string | number | null;

export interface Table {
  /** Also the name of the sheet. */
  title: string;
  heads: string[];
  rows: Cell[][];
}

/** What a spreadsheet takes for the beginning of a formula; a name of a sheet may be one. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** RFC 4180 with CRLF; the mark in front tells Excel and WPS that it is UTF-8. */
export function csvOf({ heads, rows }: Table): string {
  const field = (cell: Cell): string => {
    const text = typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : String(cell ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\ufeff${[heads, ...rows].map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
}

export function downloadCsv(table: Table): void {
  save(new Blob([csvOf(table)], { type: "text/csv;charset=utf-8" }), `${fileName(table.title)}.csv`);
}

/** The library that writes workbooks is loaded when the first one is wanted. */
export async function downloadXlsx(table: Table): Promise<void> {
  const { default: writeXlsxFile } = await import("write-excel-file/browser");
  const head = table.heads.map((value) => ({ value, fontWeight: "bold" as const }));
  const rows = table.rows.map((row) => row.map((value) => (value === null ? null : { value })));
  const columns = table.heads.map((text, column) => ({
    width: Math.max(...[text, ...table.rows.map((row) => String(row[column] ?? ""))].map(widthOf)) + 2,
  }));
  const workbook = writeXlsxFile([head, ...rows], {
    columns,
    sheet: fileName(table.title).slice(0, 31),
    stickyRowsCount: 1,
  });
  save(await workbook.toBlob(), `${fileName(table.title)}.xlsx`);
}

/** Chinese characters are twice as wide. */
function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (character > "\u2e7f" ? 2 : 1), 0);
}

/** What neither Windows nor a workbook takes in a name becomes a blank. */
export function fileName(title: string): string {
  return title
    .replace(/[\\/:*?"<>|[\]]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** A file of the server, with the reader's token. Raises AskError. */
export async function download(path: string, name: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, { headers: authorization() });
  } catch (error) {
    throw new AskError("offline", String(error));
  }
  if (!response.ok) {
    throw new AskError(troubleOf(response.status, undefined), await reasonOf(response));
  }
  save(await response.blob(), name);
}

async function reasonOf(response: Response): Promise<string> {
  const text = (await response.text()).slice(0, 500);
  return text || `HTTP ${response.status}`;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to save by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
