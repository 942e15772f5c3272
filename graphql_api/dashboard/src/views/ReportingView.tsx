/** Which units have reported which months, as a heat grid; a cell opens the returns behind it. */

import { eachOf, several } from "../api/several";
import { monthName, monthShort, months } from "../format";
import { type ReportingFieldsFragment, ReportingFieldsFragmentDoc } from "../gql/graphql";
import { DataTable } from "../parts/DataTable";
import { ExportButton } from "../parts/FileButton";
import { Link } from "../parts/Link";
import { Shown } from "../parts/Notices";
import { Scrollable } from "../parts/Scrollable";
import { useAnswer } from "../state/answers";
import { periodOf, type Unit, useCatalogue } from "../state/catalogue";
import { choices } from "../state/choices";
import { nameOf, shortOf, words } from "../words";
import { ReturnsDialog } from "./ReturnsDialog";
import { type CellState, stateOf } from "./reporting";
import { Upload } from "./Upload";

const LEGEND: CellState[] = ["ON_TIME", "LATE", "NIL", "AWAITED", "REJECTED", "NOT_DUE", "NOT_EXPECTED"];

export function ReportingView() {
  const catalogue = useCatalogue();
  const { year } = periodOf(catalogue);
  const { reportingTitle, reportingHint, exportReporting } = words();
  const cell = choices.value.cell?.split(":");
  const opened = cell && catalogue.unit.get(cell[0] ?? "");
  return (
    <>
      <h1>{reportingTitle(year)}</h1>
      <p class="hint">{reportingHint}</p>
      <Grid year={year} />
      <p class="downloads no-print">
        <ExportButton table="reporting_status" words={exportReporting} />
      </p>
      <Upload />
      {opened && cell[1] && <ReturnsDialog key={choices.value.cell} unit={opened} period={cell[1]} />}
    </>
  );
}

/** One request for all months of the year. */
export function Grid({ year, table = true }: { year: number; table?: boolean }) {
  const { programme } = useCatalogue();
  const ofYear = months(`${year}-01`, `${year}-12`).filter(
    (month) => programme.firstMonth <= month && month <= programme.lastMonth,
  );
  const document = several(
    { field: "reporting(period: $each)", type: "YearMonth!", fragment: ReportingFieldsFragmentDoc },
    ofYear.length,
  );
  const answer = useAnswer(document, eachOf(ofYear));
  return (
    <Shown answer={answer}>
      {(data) => {
        const reporting = ofYear.flatMap((_, number) => data[`f${number}`] ?? []);
        return <Cells reporting={reporting} table={table} year={year} />;
      }}
    </Shown>
  );
}

interface CellsProps {
  reporting: ReportingFieldsFragment[];
  table: boolean;
  year: number;
}

function Cells({ reporting, table, year }: CellsProps) {
  const { units } = useCatalogue();
  const w = words();
  const chosen = choices.value.unit;
  return (
    <>
      <section class="panel">
        <Scrollable label={w.reportingTitle(year)}>
          <table class="heat">
            <caption class="visually-hidden">{w.reportingTitle(year)}</caption>
            <thead>
              <tr>
                <th scope="col">{w.oneUnit}</th>
                {reporting.map(({ period, dueOn }) => (
                  <th key={period} scope="col" title={w.dueOn(dueOn)}>
                    {monthShort(period)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {units.map((unit, row) => (
                <tr key={unit.code} class={unit.code === chosen ? "chosen" : undefined}>
                  <th scope="row" title={nameOf(unit)}>
                    {shortOf(unit)}
                  </th>
                  {reporting.map((month) => (
                    <Cell key={month.period} unit={unit} month={month} row={row} />
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{w.received}</th>
                {reporting.map(({ period, received, expected }) => (
                  <td key={period}>{w.receivedOf(received, expected)}</td>
                ))}
              </tr>
            </tfoot>
          </table>
        </Scrollable>
        <ul class="legend" aria-label={w.legend}>
          {LEGEND.map((state) => (
            <li key={state}>
              <StateMark state={state} />
              {w.reporting[state]}
            </li>
          ))}
        </ul>
      </section>
      {table && (
        <DataTable
          table={{
            title: w.reportingTitle(year),
            heads: [w.oneUnit, ...reporting.map(({ period }) => monthName(period))],
            rows: units.map((unit, row) => [
              nameOf(unit),
              ...reporting.map((month) => {
                const cell = month.cells[row];
                return cell ? w.reporting[stateOf(cell)] : null;
              }),
            ]),
          }}
        />
      )}
    </>
  );
}

interface CellProps {
  unit: Unit;
  month: ReportingFieldsFragment;
  row: number;
}

function Cell({ unit, month, row }: CellProps) {
  const cell = month.cells[row];
  if (!cell) return <td />;
  const state = stateOf(cell);
  const label = `${nameOf(unit)} ${monthName(month.period)} ${words().reporting[state]}`;
  return (
    <td>
      <Link to={{ cell: `${unit.code}:${month.period}`, ret: null }} label={label} class="cell">
        <StateMark state={state} />
      </Link>
    </td>
  );
}

/** A state as colour and shape. */
function StateMark({ state }: { state: CellState }) {
  return (
    <svg class={`mark report-${state}`} viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="3" />
      {
        {
          ON_TIME: <path d="m5 10.5 3.5 3.5L15 6.5" />,
          LATE: <path d="M10 5v5.5l3.5 2.5" />,
          NIL: <circle cx="10" cy="10" r="4" />,
          AWAITED: <path d="M10 4.5v7m0 2.5v1.5" />,
          REJECTED: <path d="m6 6 8 8m0-8-8 8" />,
          NOT_DUE: <path d="M7 10h6" />,
          NOT_EXPECTED: null,
        }[state]
      }
    </svg>
  );
}
