/** The curve of an indicator against what is expected and the target, with its table. */
import { useMemo } from "preact/hooks";
import { Chart } from "../charts/Chart";
import { curveOption } from "../charts/curve";
import { theme } from "../charts/theme";
import { earlier, monthName } from "../format";
import { CurveDocument, type SeriesFieldsFragment } from "../gql/graphql";
import { DataTable, numberCell } from "../parts/DataTable";
import { Shown } from "../parts/Notices";
import { useAnswer } from "../state/answers";
import { type Indicator, type Progress, useCatalogue } from "../state/catalogue";
import { choices } from "../state/choices";
import { halfOf, nameOf, unitOfMeasureOf, words } from "../words";
import { judgedByUnit } from "./Overview";

interface Props {
  indicator: Indicator;
  figure: Progress;
  /** Height of the chart in lines of text. */
  lines?: number;
}

export function CurvePanel({ indicator, figure, lines = 18 }: Props) {
  const { programme } = useCatalogue();
  const { curve, curveHint } = words();
  const last = indicator.horizon === "ANNUAL" ? `${figure.through.slice(0, 4)}-12` : programme.lastMonth;
  const answer = useAnswer(CurveDocument, {
    indicator: indicator.code,
    from: figure.from,
    through: figure.through,
    to: earlier(last, programme.lastMonth),
    unit: figure.unit?.code ?? null,
  });
  return (
    <section class="panel" aria-labelledby="curve">
      <h3 id="curve">{curve}</h3>
      <p class="hint">{curveHint}</p>
      <Shown answer={answer}>
        {({ series, shown }) => (
          <>
            <Drawn indicator={indicator} figure={figure} points={series.points} lines={lines} />
            <Notes notes={shown.notes} />
          </>
        )}
      </Shown>
    </section>
  );
}

function Drawn({
  indicator,
  figure,
  points,
  lines,
}: Required<Props> & { points: SeriesFieldsFragment["points"] }) {
  const w = words();
  const { lang, wall } = choices.value;
  // The targets of single units are none of the city's sum.
  const judged = judgedByUnit(indicator, figure);
  const target = judged ? null : figure.target;
  const curve = useMemo(
    () => (judged ? points.map((point) => ({ ...point, target: null })) : points),
    [points, judged],
  );
  // Words and sizes change with language and wall
  const option = useMemo(
    () =>
      curveOption(
        { points, through: figure.through, target, unitOfMeasure: unitOfMeasureOf(indicator) },
        theme(),
      ),
    [curve, figure.through, target, indicator, lang, wall],
  );
  const title = `${nameOf(indicator)} · ${w.curve}`;
  const unitOfMeasure = unitOfMeasureOf(indicator);
  return (
    <>
      <Chart option={option} label={title} lines={lines} />
      <DataTable
        table={{
          title,
          heads: [
            w.month,
            `${w.actual} (${unitOfMeasure})`,
            w.why,
            `${w.expected} (${unitOfMeasure})`,
            w.coverage,
          ],
          rows: curve.map((point) => [
            monthName(point.month),
            point.month <= figure.through ? numberCell(point.value) : null,
            point.month <= figure.through ? w.state[point.state] : null,
            numberCell(point.target),
            point.month <= figure.through
              ? w.receivedOf(point.coverage.reported, point.coverage.expected)
              : null,
          ]),
        }}
      />
    </>
  );
}

export function Notes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{halfOf(note)}</li>
      ))}
    </ul>
  );
}
