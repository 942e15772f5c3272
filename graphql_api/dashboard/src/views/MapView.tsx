/** The units as tiles, roughly where they lie, shaded by attainment of one indicator, or by value without targets. */

import { eachOf, several } from "../api/several";
import { percent, plain } from "../format";
import { ProgressFieldsFragmentDoc } from "../gql/graphql";
import { DataTable, numberCell } from "../parts/DataTable";
import { Link } from "../parts/Link";
import { Shown } from "../parts/Notices";
import { useAnswer } from "../state/answers";
import { type Indicator, type Progress, periodOf, type Unit, useCatalogue } from "../state/catalogue";
import { choices, choose } from "../state/choices";
import { nameOf, shortOf, unitOfMeasureOf, words } from "../words";
import { ATTAINMENT_BOUNDS, CLASSES, COLUMNS, classOf, placed, valueBounds } from "./tiles";

/** One unit's progress of one indicator. */
type Figures = Map<string, Progress>;

export function MapView() {
  const catalogue = useCatalogue();
  const { view, indicator: word } = words();
  const { indicator: code, measure } = choices.value;
  const of = catalogue.measures.find((each) => each.number === measure) ?? catalogue.measures[0];
  const indicator =
    catalogue.indicator.get(code ?? "") ??
    of?.indicators.find((each) => each.target !== null) ??
    [...catalogue.indicator.values()][0];
  return (
    <>
      <h1>
        {view.map}
        {indicator && <small>{nameOf(indicator)}</small>}
      </h1>
      <label class="map-choice no-print">
        <span>{word}</span>
        <select
          name="indicator"
          value={indicator?.code ?? ""}
          onChange={(event) => choose({ indicator: event.currentTarget.value, measure: null })}
        >
          {catalogue.measures.map((each) => (
            <optgroup key={each.number} label={`${each.number} ${nameOf(each)}`}>
              {each.indicators.map((one) => (
                <option key={one.code} value={one.code}>
                  {nameOf(one)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      {indicator && <TileMap indicator={indicator} />}
    </>
  );
}

export function TileMap({ indicator, table = true }: { indicator: Indicator; table?: boolean }) {
  const { units, ...catalogue } = useCatalogue();
  const { year, through } = periodOf(catalogue);
  const document = several(
    {
      field: "progress(year: $year, through: $through, indicators: $indicators, unit: $each)",
      type: "ID!",
      shared: "$year: Int!, $through: YearMonth, $indicators: [ID!]",
      fragment: ProgressFieldsFragmentDoc,
    },
    units.length,
  );
  const codes = units.map((unit) => unit.code);
  const answer = useAnswer(document, eachOf(codes, { year, through, indicators: [indicator.code] }));
  return (
    <Shown answer={answer}>
      {(data) => {
        // Each alias is a list with one figure.
        const lists = data as unknown as Record<string, Progress[] | undefined>;
        const found: Figures = new Map(
          codes.flatMap((code, number) => {
            const [figure] = lists[`f${number}`] ?? [];
            return figure ? [[code, figure]] : [];
          }),
        );
        return <Tiles indicator={indicator} units={units} figures={found} table={table} />;
      }}
    </Shown>
  );
}

interface TilesProps {
  indicator: Indicator;
  units: Unit[];
  figures: Figures;
  table: boolean;
}

function Tiles({ indicator, units, figures, table }: TilesProps) {
  const w = words();
  const byAttainment = [...figures.values()].some((figure) => figure.attainment !== null);
  const values = [...figures.values()].flatMap(({ value }) => (value === null ? [] : [Number(value)]));
  const bounds = valueBounds(values);
  const places = placed(units.map((unit) => unit.code));
  const unitOfMeasure = unitOfMeasureOf(indicator);

  const shade = (figure: Progress): string => {
    if (figure.value === null) return `state-${figure.state}`;
    if (byAttainment)
      return figure.attainment === null
        ? "no-target"
        : `class-${classOf(Number(figure.attainment), ATTAINMENT_BOUNDS)}`;
    return `class-${classOf(Number(figure.value), bounds)}`;
  };
  const textOf = (figure: Progress): string => {
    if (figure.value === null) return w.state[figure.state];
    if (byAttainment && figure.attainment !== null) return percent(figure.attainment);
    return plain(figure.value, unitOfMeasure);
  };
  return (
    <div class="map-page">
      <section class="panel" aria-labelledby="tiles">
        <h3 id="tiles">{w.map}</h3>
        <p class="hint">{w.sentences(w.mapHint, byAttainment ? w.byAttainment : w.byValue)}</p>
        <Patterns />
        <ul class="tiles" style={{ "--columns": COLUMNS }}>
          {units.map((unit) => {
            const figure = figures.get(unit.code);
            const place = places.get(unit.code);
            if (!figure || !place) return null;
            const own = unit.kind === "ZONE" || unit.kind === "MUNICIPAL";
            return (
              <li key={unit.code} style={{ gridColumn: place.column, gridRow: place.row }}>
                <Link
                  to={{ unit: unit.code, explain: indicator.code, indicator: indicator.code }}
                  class={`tile ${shade(figure)}${own ? " own" : ""}${unit.code === choices.value.unit ? " chosen" : ""}`}
                >
                  <svg class="fill" aria-hidden="true">
                    <rect width="100%" height="100%" />
                  </svg>
                  <span class="name">{shortOf(unit)}</span> <span class="amount">{textOf(figure)}</span>
                  <span class="visually-hidden">{besides(unit, figure)}</span>
                </Link>
              </li>
            );
          })}
        </ul>
        <Legend byAttainment={byAttainment} bounds={bounds} unitOfMeasure={unitOfMeasure} />
      </section>
      {table && (
        <DataTable
          open
          table={{
            title: `${nameOf(indicator)} · ${w.byUnit}`,
            heads: [
              w.oneUnit,
              `${w.value} (${unitOfMeasure})`,
              w.why,
              ...(byAttainment ? [w.target, w.attainment, w.pacing] : []),
            ],
            rows: units.flatMap((unit) => {
              const figure = figures.get(unit.code);
              return figure
                ? [
                    [
                      nameOf(unit),
                      numberCell(figure.value),
                      w.state[figure.state],
                      ...(byAttainment
                        ? [
                            numberCell(figure.target),
                            figure.attainment === null ? null : percent(figure.attainment),
                            w.pace[figure.pace],
                          ]
                        : []),
                    ],
                  ]
                : [];
            }),
          }}
        />
      )}
    </div>
  );
}

/** What the eye sees by border and place: where a zone lies, and the pace. */
function besides(unit: Unit, figure: Progress): string {
  const w = words();
  const host = unit.host ? [w.zoneOf(nameOf(unit.host))] : [];
  const pace = figure.pace === "NO_TARGET" || figure.pace === "NOT_REPORTED" ? [] : [w.pace[figure.pace]];
  return w.list(...host, ...pace);
}

/** Patterns of tiles without a value, in one place of the document. */
function Patterns() {
  return (
    <svg class="patterns" width="0" height="0" aria-hidden="true">
      <defs>
        <pattern
          id="hatched"
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="8" height="8" fill="#fff" />
          <path d="M0 0v8" stroke="#8a94a3" stroke-width="3" />
        </pattern>
        <pattern id="dotted" width="9" height="9" patternUnits="userSpaceOnUse">
          <rect width="9" height="9" fill="#f3ecf7" />
          <circle cx="4.5" cy="4.5" r="2" fill="#7a4d94" />
        </pattern>
        <pattern id="crossed" width="10" height="10" patternUnits="userSpaceOnUse">
          <rect width="10" height="10" fill="#f4f6f8" />
          <path d="m3 3 4 4m0-4L3 7" stroke="#a9b3bf" stroke-width="1" />
        </pattern>
      </defs>
    </svg>
  );
}

interface LegendProps {
  byAttainment: boolean;
  bounds: readonly number[];
  unitOfMeasure: string;
}

function Legend({ byAttainment, bounds, unitOfMeasure }: LegendProps) {
  const w = words();
  const edges = byAttainment ? ATTAINMENT_BOUNDS : bounds;
  const show = (bound: number): string =>
    byAttainment ? percent(bound) : plain(String(bound), unitOfMeasure);
  return (
    <ul class="legend" aria-label={w.legend}>
      {Array.from({ length: CLASSES }, (_, number) => {
        const from = edges[number - 1];
        const to = edges[number];
        const text =
          from === undefined
            ? `< ${show(to ?? 0)}`
            : to === undefined
              ? `≥ ${show(from)}`
              : `${show(from)}–${show(to)}`;
        return (
          <li key={text}>
            <svg class={`swatch class-${number}`} aria-hidden="true">
              <rect width="100%" height="100%" />
            </svg>
            {text}
          </li>
        );
      })}
      {(["SUPPRESSED", "NOT_REPORTED", "NOT_APPLICABLE"] as const).map((state) => (
        <li key={state}>
          <svg class={`swatch state-${state}`} aria-hidden="true">
            <rect width="100%" height="100%" />
          </svg>
          {w.state[state]}
        </li>
      ))}
    </ul>
  );
}
