/** Where the programme stands: ten measures, each by the indicator that stands for it, and how all targets do. */

import { eachOf, several } from "../api/several";
import { monthName, percent, plain } from "../format";
import { type Pace, ProgressDocument, SeriesFieldsFragmentDoc } from "../gql/graphql";
import { Coverage } from "../parts/Coverage";
import { ExportButton } from "../parts/FileButton";
import { Link } from "../parts/Link";
import { Meter } from "../parts/Meter";
import { Shown } from "../parts/Notices";
import { PaceBadge, PaceShape } from "../parts/Pace";
import { Sparkline } from "../parts/Sparkline";
import { Value } from "../parts/Value";
import { useAnswer } from "../state/answers";
import {
  byIndicator,
  chosenUnit,
  headline,
  type Indicator,
  type Measure,
  type Progress,
  periodOf,
  useCatalogue,
} from "../state/catalogue";
import { choices } from "../state/choices";
import { nameOf, unitOfMeasureOf, words } from "../words";

const PACES: Pace[] = ["DONE", "AHEAD", "ON_TRACK", "BEHIND", "NOT_REPORTED"];

export function Overview() {
  const catalogue = useCatalogue();
  const { year, through } = periodOf(catalogue);
  const unit = chosenUnit(catalogue);
  const { wholeCity, view, dataThrough } = words();
  const answer = useAnswer(ProgressDocument, { year, through, unit: unit?.code ?? null });
  return (
    <>
      <h1>
        {view.overview} · {unit ? nameOf(unit) : wholeCity}
        <small>{dataThrough(monthName(through))}</small>
      </h1>
      <Shown answer={answer}>{(data) => <Cards progress={data.progress} />}</Shown>
    </>
  );
}

export function Cards({ progress }: { progress: Progress[] }) {
  const { measures } = useCatalogue();
  const found = byIndicator(progress);
  const shown = measures.map((measure) => ({ measure, indicator: headline(measure, found) }));
  const points = usePoints(
    shown.flatMap(({ indicator }) => (indicator ? [indicator] : [])),
    found,
  );
  return (
    <>
      <PaceSummary progress={progress} />
      <ul class="cards">
        {shown.map(({ measure, indicator }) => (
          <li key={measure.number}>
            <MeasureCard
              measure={measure}
              indicator={indicator}
              progress={found}
              sparkline={points.get(indicator?.code ?? "")}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The months of the headline indicators, in one request. */
function usePoints(indicators: Indicator[], progress: Map<string, Progress>) {
  const { programme } = useCatalogue();
  const [annual, whole] = (["ANNUAL", "PROGRAMME"] as const).map((horizon) =>
    indicators.filter((indicator) => indicator.horizon === horizon).map((indicator) => indicator.code),
  );
  const some = [...progress.values()][0];
  const year = some?.through.slice(0, 4);
  const shared = { unit: some?.unit?.code ?? null };
  const ofYear = useSeries(annual ?? [], { ...shared, from: `${year}-01`, to: `${year}-12` });
  const ofAll = useSeries(whole ?? [], { ...shared, from: programme.firstMonth, to: programme.lastMonth });
  return new Map([...ofYear, ...ofAll]);
}

function useSeries(codes: string[], shared: { unit: string | null; from: string; to: string }) {
  const document = several(
    {
      field: "series(indicator: $each, from: $from, to: $to, unit: $unit, cumulative: true)",
      type: "ID!",
      shared: "$from: YearMonth!, $to: YearMonth!, $unit: ID",
      fragment: SeriesFieldsFragmentDoc,
    },
    codes.length,
  );
  const { data, loading } = useAnswer(document, codes.length > 0 ? eachOf(codes, shared) : null);
  if (!data || loading) return [];
  return codes.flatMap((code, number): [string, NonNullable<(typeof data)[string]>["points"]][] => {
    const series = data[`f${number}`];
    return series ? [[code, series.points]] : [];
  });
}

/** How many of the targets stand how: the first thing an official asks. */
export function PaceSummary({ progress }: { progress: Progress[] }) {
  const { paceSummary, pace: names, ofTargets, exportAll } = words();
  const judged = progress.filter((each) => each.target !== null);
  if (judged.length === 0) return null;
  return (
    <section class="pace-summary" aria-label={paceSummary}>
      <ul>
        {PACES.map((pace) => {
          const count = judged.filter((each) => each.pace === pace).length;
          return (
            <li key={pace} class={`pace-${pace}`} data-count={count}>
              <PaceShape pace={pace} />
              <b>{count}</b>
              <span>{names[pace]}</span>
            </li>
          );
        })}
      </ul>
      <p>
        {ofTargets(judged.length)}
        {!choices.value.wall && (
          <>
            {" · "}
            <ExportButton table="indicator_progress" words={exportAll} />
          </>
        )}
      </p>
    </section>
  );
}

interface CardProps {
  measure: Measure;
  indicator: Indicator | undefined;
  progress: Map<string, Progress>;
  sparkline: Parameters<typeof Sparkline>[0]["points"] | undefined;
}

export function MeasureCard({ measure, indicator, progress, sparkline }: CardProps) {
  const { target: targetWord, expected, measureNumber, explainOf, explain, tracked, unitsReached } = words();
  const figure = indicator && progress.get(indicator.code);
  const others = measure.indicators.filter(
    (each) => each.code !== indicator?.code && progress.get(each.code)?.target != null,
  );
  return (
    <article class="card" aria-labelledby={`measure-${measure.number}`}>
      <header>
        <h2 id={`measure-${measure.number}`}>
          <Link to={{ view: "measure", measure: measure.number, indicator: null }}>
            <span class="ordinal" title={measureNumber(measure.number)}>
              {measure.number}
            </span>
            {nameOf(measure)}
          </Link>
        </h2>
        {figure && <PaceBadge pace={figure.pace} />}
      </header>
      {indicator && figure && (
        <>
          <p class="indicator-name">{nameOf(indicator)}</p>
          <div class="figure">
            <p class="value">
              <Value value={figure.value} state={figure.state} unitOfMeasure={unitOfMeasureOf(indicator)} />
            </p>
            {sparkline && <Sparkline points={sparkline} through={figure.through} />}
          </div>
          {figure.target !== null && figure.value !== null && !judgedByUnit(indicator, figure) && (
            <Meter
              value={figure.value}
              target={figure.target}
              expected={figure.expectedToDate}
              pace={figure.pace}
            />
          )}
          <dl class="against">
            <div>
              <dt>{targetWord}</dt>
              <dd>{figure.target === null ? tracked : plain(figure.target, unitOfMeasureOf(indicator))}</dd>
            </div>
            {figure.expectedToDate !== null && (
              <div>
                <dt>{expected}</dt>
                <dd>{plain(figure.expectedToDate, unitOfMeasureOf(indicator))}</dd>
              </div>
            )}
            {figure.attainment !== null && (
              <div>
                <dt>{words().attainment}</dt>
                <dd>{percent(figure.attainment)}</dd>
              </div>
            )}
          </dl>
          {judgedByUnit(indicator, figure) && (
            <p class="reached">{unitsReached(figure.numerator ?? "0", figure.denominator ?? "0")}</p>
          )}
          {others.length > 0 && (
            <ul class="others">
              {others.map((each) => {
                const other = progress.get(each.code);
                return (
                  other && (
                    <li key={each.code}>
                      <Link to={{ view: "measure", measure: measure.number, indicator: each.code }}>
                        <PaceShape pace={other.pace} />
                        <span class="name">{nameOf(each)}</span>
                        <span class="visually-hidden">{words().pace[other.pace]}</span>
                      </Link>
                      <span class="share">{other.attainment === null ? "–" : percent(other.attainment)}</span>
                    </li>
                  )
                );
              })}
            </ul>
          )}
          <footer>
            <Coverage coverage={figure.coverage} ofUnit={figure.unit !== null} />
            <Link
              to={{ explain: indicator.code }}
              label={explainOf(nameOf(indicator))}
              class="explain no-print"
            >
              {explain}
            </Link>
          </footer>
        </>
      )}
    </article>
  );
}

/** Whether the city's figure of an indicator is a sum, and its attainment the share of units at their target. */
export function judgedByUnit(indicator: Indicator, figure: Progress): boolean {
  return indicator.scope === "county" && figure.unit === null;
}
