/** From a number to its meaning: definition, formula, how it is judged, coverage, and with a role its rows. */
import { useState } from "preact/hooks";
import { AskError, ask } from "../api/client";
import { measured, monthName, percent } from "../format";
import { ProgressDocument, RowsDocument, type RowsQuery } from "../gql/graphql";
import { useAnswer } from "../state/answers";
import { chosenUnit, type Indicator, type Progress, periodOf, useCatalogue } from "../state/catalogue";
import { choose } from "../state/choices";
import { halfOf, nameOf, unitOfMeasureOf, words } from "../words";
import { coverageText } from "./Coverage";
import { Downloads, numberCell } from "./DataTable";
import { Dialog } from "./Dialog";
import { Empty, Failure, Loading, Shown } from "./Notices";
import { PaceBadge } from "./Pace";
import { Scrollable } from "./Scrollable";
import { TokenDialog } from "./TokenDialog";
import { Value } from "./Value";

type Row = RowsQuery["progress"][number]["contributions"]["edges"][number]["node"];
type RowsPage = RowsQuery["progress"][number]["contributions"];

export function Explain({ code }: { code: string }) {
  const catalogue = useCatalogue();
  const indicator = catalogue.indicator.get(code);
  const { year, through } = periodOf(catalogue);
  const unit = chosenUnit(catalogue);
  const answer = useAnswer(ProgressDocument, { year, through, unit: unit?.code ?? null, indicators: [code] });
  if (!indicator) return null;
  return (
    <Dialog title={nameOf(indicator)} kind="drawer" onClose={() => choose({ explain: null })}>
      <Shown answer={answer}>
        {({ progress: [figure] }) =>
          figure ? (
            <>
              <Meaning
                indicator={indicator}
                figure={figure}
                unitName={unit ? nameOf(unit) : words().wholeCity}
              />
              <Rows indicator={indicator} year={year} through={through} unit={unit?.code ?? null} />
            </>
          ) : (
            <Empty />
          )
        }
      </Shown>
    </Dialog>
  );
}

interface MeaningProps {
  indicator: Indicator;
  figure: Progress;
  unitName: string;
}

function Meaning({ indicator, figure, unitName }: MeaningProps) {
  const w = words();
  const unitOfMeasure = unitOfMeasureOf(indicator);
  const missing = figure.coverage.missing;
  return (
    <>
      <p class="explained">
        <Value value={figure.value} state={figure.state} unitOfMeasure={unitOfMeasure} />
        <PaceBadge pace={figure.pace} />
      </p>
      <dl class="meaning">
        <dt>{w.unit}</dt>
        <dd>{unitName}</dd>
        <dt>{w.span}</dt>
        <dd>
          {w.besides(
            w.spanOf(monthName(figure.from), monthName(figure.through)),
            indicator.horizon === "ANNUAL" ? w.annual : w.wholeProgramme,
          )}
        </dd>
        {figure.state !== "REPORTED" && (
          <>
            <dt>{w.why}</dt>
            <dd>{w.stateWhy[figure.state]}</dd>
          </>
        )}
        <dt>{w.definition}</dt>
        <dd>{halfOf(indicator.definition)}</dd>
        {indicator.formula && (
          <>
            <dt>{w.formula}</dt>
            <dd>{halfOf(indicator.formula)}</dd>
          </>
        )}
        {figure.numerator !== null && figure.denominator !== null && (
          <>
            <dt>
              {w.numerator} / {w.denominator}
            </dt>
            <dd class="number">
              {figure.numerator} / {figure.denominator}
            </dd>
          </>
        )}
        <dt>{w.howJudged}</dt>
        <dd>
          {w.judged[figure.pace]}
          {figure.target !== null && (
            <ul>
              <li>{w.named(w.target, measured(figure.target, unitOfMeasure))}</li>
              {figure.expectedToDate !== null && (
                <li>{w.named(w.expected, measured(figure.expectedToDate, unitOfMeasure))}</li>
              )}
              {figure.attainment !== null && <li>{w.named(w.attainment, percent(figure.attainment))}</li>}
            </ul>
          )}
        </dd>
        <dt>{w.coverage}</dt>
        <dd>
          {coverageText(figure.coverage, figure.unit !== null)}
          {missing.length > 0 && figure.unit === null && (
            <>
              <br />
              {w.named(w.missing, w.list(...missing.map(nameOf)))}
            </>
          )}
        </dd>
      </dl>
    </>
  );
}

interface RowsProps {
  indicator: Indicator;
  year: number;
  through: string;
  unit: string | null;
}

/** The rows behind the figure, a page at a time; the public is told that a token is needed. */
function Rows({ indicator, year, through, unit }: RowsProps) {
  const { rows, rowsForbidden, token: signIn } = words();
  const [signingIn, setSigningIn] = useState(false);
  const variables = { year, through, unit, indicator: indicator.code };
  const { data, error } = useAnswer(RowsDocument, variables);
  const first = data?.progress[0]?.contributions;
  return (
    <section class="rows" aria-labelledby="rows">
      <h3 id="rows">{rows}</h3>
      {error?.trouble === "forbidden" ? (
        <p class="notice">
          {rowsForbidden}{" "}
          <button type="button" onClick={() => setSigningIn(true)}>
            {signIn}
          </button>
          {signingIn && <TokenDialog onClose={() => setSigningIn(false)} />}
        </p>
      ) : error ? (
        <Failure error={error} />
      ) : !first ? (
        <Loading />
      ) : (
        <RowsTable
          key={JSON.stringify(variables)}
          first={first}
          variables={variables}
          title={nameOf(indicator)}
        />
      )}
    </section>
  );
}

interface RowsTableProps {
  first: RowsPage;
  variables: { year: number; through: string; unit: string | null; indicator: string };
  title: string;
}

function RowsTable({ first, variables, title }: RowsTableProps) {
  const catalogue = useCatalogue();
  const w = words();
  const [pages, setPages] = useState<RowsPage[]>([]);
  const [error, setError] = useState<AskError | null>(null);
  const all = [first, ...pages];
  const nodes: Row[] = all.flatMap((page) => page.edges.map((edge) => edge.node));
  const last = all.at(-1)?.pageInfo;
  const more = async (): Promise<void> => {
    try {
      const { progress } = await ask(RowsDocument, { ...variables, after: last?.endCursor ?? null });
      const next = progress[0]?.contributions;
      if (next) setPages([...pages, next]);
    } catch (failed) {
      setError(failed instanceof AskError ? failed : new AskError("server", String(failed)));
    }
  };
  if (nodes.length === 0) return <Empty>{w.rowsNone}</Empty>;
  const unitName = (row: Row): string => {
    const unit = catalogue.unit.get(row.unit.code);
    return unit ? nameOf(unit) : row.unit.code;
  };
  const table = {
    title: `${title} ${w.rows}`,
    heads: [w.date, w.unit, w.counts, w.returnId, w.sheet, w.row],
    rows: nodes.map((row) => [
      row.happenedOn,
      unitName(row),
      numberCell(row.value),
      row.return.id,
      row.sheet,
      row.row,
    ]),
  };
  return (
    <>
      <p>{w.rowsCount(first.totalCount)}</p>
      <Downloads table={table} />
      <Scrollable label={w.rows}>
        <table>
          <thead>
            <tr>
              {table.heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map((row) => (
              <tr key={`${row.return.id} ${row.sheet} ${row.row}`}>
                <td class="nowrap">{row.happenedOn}</td>
                <td>{unitName(row)}</td>
                <td class="numeric">{row.value}</td>
                <td title={row.return.fileName}>{row.return.id}</td>
                <td>{row.sheet}</td>
                <td class="numeric">{row.row}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
      {error && <Failure error={error} />}
      {last?.hasNextPage && (
        <button type="button" onClick={() => void more()}>
          {w.more}
        </button>
      )}
    </>
  );
}
