/** The table behind a chart, and its download as CSV and workbook: exactly the figures that are drawn. */
import { downloadCsv, downloadXlsx, type Table } from "../api/download";
import { grouped } from "../format";
import { words } from "../words";
import { Scrollable } from "./Scrollable";

interface Props {
  table: Table;
  /** Open from the start; else behind a heading that opens it. */
  open?: boolean;
}

export function DataTable({ table, open = false }: Props) {
  const { table: heading } = words();
  return (
    <details class="data" open={open}>
      <summary>{heading}</summary>
      <Downloads table={table} />
      <Scrollable label={table.title}>
        <table>
          <caption class="visually-hidden">{table.title}</caption>
          <thead>
            <tr>
              {table.heads.map((head, column) => (
                <th key={head} scope="col" class={isNumeric(table, column) ? "numeric" : undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={row.join("\t")}>
                {row.map((cell, column) =>
                  column === 0 ? (
                    <th key={table.heads[column]} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={table.heads[column]} class={isNumeric(table, column) ? "numeric" : undefined}>
                      {typeof cell === "number" ? grouped(String(cell)) : cell}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </details>
  );
}

export function Downloads({ table }: { table: Table }) {
  const { downloadCsv: csv, downloadXlsx: xlsx } = words();
  return (
    <p class="downloads no-print">
      <button type="button" onClick={() => downloadCsv(table)}>
        {csv}
      </button>
      <button type="button" onClick={() => void downloadXlsx(table)}>
        {xlsx}
      </button>
    </p>
  );
}

function isNumeric(table: Table, column: number): boolean {
  return column > 0 && table.rows.some((row) => typeof row[column] === "number");
}

/** A decimal of the API as a cell; the page's figures are far below where a double is no longer exact. */
export function numberCell(decimal: string | null): number | null {
  return decimal === null ? null : Number(decimal);
}
