/** One measure: its indicators, and of the chosen one the curve and the groups it is made of. */

import { percent, plain } from "../format";
import { ProgressDocument } from "../gql/graphql";
import { Coverage } from "../parts/Coverage";
import { ExportButton } from "../parts/FileButton";
import { Link } from "../parts/Link";
import { Meter } from "../parts/Meter";
import { Empty, Shown } from "../parts/Notices";
import { PaceBadge, PaceShape } from "../parts/Pace";
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
import { CurvePanel } from "./CurvePanel";
import { GroupsPanel } from "./GroupsPanel";
import { judgedByUnit } from "./Overview";

export function MeasureView() {
  const catalogue = useCatalogue();
  const { measure: number, indicator: code } = choices.value;
  const ofIndicator = code === null ? undefined : catalogue.measureOf.get(code);
  const chosen = catalogue.measures.find((each) => each.number === number);
  const measure = chosen ?? ofIndicator ?? catalogue.measures[0];
  if (!measure) return <Empty />;
  return (
    <>
      <MeasureChoice measures={catalogue.measures} chosen={measure} />
      <OneMeasure key={measure.number} measure={measure} />
    </>
  );
}

function MeasureChoice({ measures, chosen }: { measures: Measure[]; chosen: Measure }) {
  return (
    <nav class="measure-choice no-print" aria-label={words().view.measure}>
      <ul>
        {measures.map((each) => (
          <li key={each.number}>
            <Link
              to={{ view: "measure", measure: each.number, indicator: null }}
              current={each === chosen}
              label={`${each.number} ${nameOf(each)}`}
            >
              <span class="ordinal">{each.number}</span>
              <span class="name">{nameOf(each)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function OneMeasure({ measure }: { measure: Measure }) {
  const catalogue = useCatalogue();
  const { year, through } = periodOf(catalogue);
  const unit = chosenUnit(catalogue);
  const { measureNumber, wholeCity } = words();
  const answer = useAnswer(ProgressDocument, {
    year,
    through,
    unit: unit?.code ?? null,
    measure: measure.number,
  });
  return (
    <>
      <h1>
        {measureNumber(measure.number)} · {nameOf(measure)}
        <small>{unit ? nameOf(unit) : wholeCity}</small>
      </h1>
      <Shown answer={answer}>
        {(data) => {
          const found = byIndicator(data.progress);
          const indicator =
            measure.indicators.find((each) => each.code === choices.value.indicator) ??
            headline(measure, found);
          const figure = indicator && found.get(indicator.code);
          // Figures of another measure may still stand here while those of this one are under way.
          if (!indicator || !figure) return <Empty />;
          return (
            <div class="measure-page">
              <IndicatorList measure={measure} progress={found} chosen={indicator} />
              <div class="indicator-page">
                <Figure indicator={indicator} figure={figure} />
                <CurvePanel indicator={indicator} figure={figure} />
                <div class="panels">
                  <GroupsPanel by="UNIT" indicator={indicator} figure={figure} />
                  <div class="stack">
                    <GroupsPanel by="CHAIN" indicator={indicator} figure={figure} />
                    <GroupsPanel by="CLUSTER" indicator={indicator} figure={figure} />
                  </div>
                </div>
              </div>
            </div>
          );
        }}
      </Shown>
    </>
  );
}

interface ListProps {
  measure: Measure;
  progress: Map<string, Progress>;
  chosen: Indicator;
}

function IndicatorList({ measure, progress, chosen }: ListProps) {
  const { indicators, pace, exportMeasure } = words();
  return (
    <nav class="indicator-list" aria-label={indicators}>
      <ul>
        {measure.indicators.map((each) => {
          const figure = progress.get(each.code);
          return (
            <li key={each.code}>
              <Link
                to={{ view: "measure", measure: measure.number, indicator: each.code }}
                current={each === chosen}
              >
                {figure && <PaceShape pace={figure.pace} />}
                <span class="name">{nameOf(each)}</span>
                {figure && (
                  <span class="amount">
                    <Value
                      value={figure.value}
                      state={figure.state}
                      unitOfMeasure={unitOfMeasureOf(each)}
                      bare
                    />
                    {figure.target !== null && !judgedByUnit(each, figure) && (
                      <small> / {plain(figure.target, unitOfMeasureOf(each))}</small>
                    )}
                    <span class="visually-hidden">{pace[figure.pace]}</span>
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
      <p class="list-foot no-print">
        <ExportButton table="indicator_progress" measure={measure.number} words={exportMeasure} />
      </p>
    </nav>
  );
}

/** The figure of the chosen indicator, large. */
export function Figure({ indicator, figure }: { indicator: Indicator; figure: Progress }) {
  const w = words();
  const unitOfMeasure = unitOfMeasureOf(indicator);
  const amount = (decimal: string | null): string => (decimal === null ? "–" : plain(decimal, unitOfMeasure));
  const surplus = figure.gap?.startsWith("-") ?? false;
  return (
    <section class="panel figure-panel" aria-label={nameOf(indicator)}>
      <header>
        <h2>{nameOf(indicator)}</h2>
        <PaceBadge pace={figure.pace} />
        <Link
          to={{ explain: indicator.code }}
          class="explain no-print"
          label={w.explainOf(nameOf(indicator))}
        >
          {w.explain}
        </Link>
      </header>
      <dl class="facts">
        <div class="main">
          <dt>{w.value}</dt>
          <dd>
            <Value value={figure.value} state={figure.state} unitOfMeasure={unitOfMeasure} />
          </dd>
        </div>
        {figure.target === null ? (
          <div>
            <dt>{w.target}</dt>
            <dd>{w.tracked}</dd>
          </div>
        ) : (
          <>
            <div>
              <dt>{judgedByUnit(indicator, figure) ? w.besides(w.target, w.eachUnit) : w.target}</dt>
              <dd>{amount(figure.target)}</dd>
            </div>
            <div>
              <dt>{w.expected}</dt>
              <dd>{amount(figure.expectedToDate)}</dd>
            </div>
            <div>
              <dt>{w.attainment}</dt>
              <dd>{figure.attainment === null ? "–" : percent(figure.attainment)}</dd>
            </div>
            {figure.gap !== null && (
              <div>
                <dt>{surplus ? w.surplus : w.gap}</dt>
                <dd>{amount(surplus ? figure.gap.slice(1) : figure.gap)}</dd>
              </div>
            )}
          </>
        )}
        {figure.forecast !== null && (
          <div>
            <dt>{w.forecast}</dt>
            <dd>{plain(String(Math.round(Number(figure.forecast) * 10) / 10), unitOfMeasure)}</dd>
          </div>
        )}
      </dl>
      {figure.target !== null && figure.value !== null && !judgedByUnit(indicator, figure) && (
        <Meter
          value={figure.value}
          target={figure.target}
          expected={figure.expectedToDate}
          pace={figure.pace}
        />
      )}
      {judgedByUnit(indicator, figure) && (
        <p class="reached">{w.unitsReached(figure.numerator ?? "0", figure.denominator ?? "0")}</p>
      )}
      <Coverage coverage={figure.coverage} ofUnit={figure.unit !== null} />
    </section>
  );
}
