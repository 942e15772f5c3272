/** The code lists of the publication: measures with their indicators, units, months. All from the API. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { earlier } from "../format";
import type { CatalogueQuery, IndicatorFieldsFragment, ProgressFieldsFragment } from "../gql/graphql";
import { choices } from "./choices";

export type Measure = CatalogueQuery["measures"][number];
export type Unit = CatalogueQuery["units"][number];
export type Indicator = IndicatorFieldsFragment;
export type Progress = ProgressFieldsFragment;

export interface Catalogue {
  publication: CatalogueQuery["publication"];
  programme: CatalogueQuery["programme"];
  measures: Measure[];
  units: Unit[];
  unit: Map<string, Unit>;
  indicator: Map<string, Indicator>;
  measureOf: Map<string, Measure>;
}

export function catalogueOf(answer: CatalogueQuery): Catalogue {
  return {
    ...answer,
    unit: new Map(answer.units.map((unit) => [unit.code, unit])),
    indicator: new Map(
      answer.measures.flatMap((measure) => measure.indicators.map((each) => [each.code, each])),
    ),
    measureOf: new Map(
      answer.measures.flatMap((measure) => measure.indicators.map((each) => [each.code, measure])),
    ),
  };
}

export const CatalogueContext = createContext<Catalogue | null>(null);

/** The catalogue; only below the part of the page that has loaded it. */
export function useCatalogue(): Catalogue {
  const catalogue = useContext(CatalogueContext);
  if (!catalogue) throw new Error("no catalogue yet");
  return catalogue;
}

/** Year and month that the page shows, from the choices and, where nothing is chosen, the newest data. */
export interface Period {
  year: number;
  through: string;
  /** Whether the month is the newest because nobody chose one. */
  newest: boolean;
}

export function periodOf(catalogue: Pick<Catalogue, "programme" | "publication">): Period {
  const { year, through } = choices.value;
  const { firstMonth, lastMonth, years } = catalogue.programme;
  const newest = catalogue.publication.dataThrough ?? firstMonth;
  const inside = (month: string): boolean => firstMonth <= month && month <= lastMonth;
  if (through && inside(through)) return { year: Number(through.slice(0, 4)), through, newest: false };
  if (year && years.includes(year) && year !== Number(newest.slice(0, 4))) {
    return { year, through: earlier(`${year}-12`, lastMonth), newest: false };
  }
  return { year: Number(newest.slice(0, 4)), through: newest, newest: true };
}

/** The unit that is chosen, if it exists. */
export function chosenUnit(catalogue: Catalogue): Unit | null {
  return catalogue.unit.get(choices.value.unit ?? "") ?? null;
}

/** The indicator that stands for a measure: the first with a target here, else the first. */
export function headline(measure: Measure, progress: Map<string, Progress>): Indicator | undefined {
  const found = measure.indicators.find((each) => progress.get(each.code)?.target != null);
  return found ?? measure.indicators.find((each) => each.target != null) ?? measure.indicators[0];
}

export function byIndicator(progress: readonly Progress[]): Map<string, Progress> {
  return new Map(progress.map((each) => [each.indicator.code, each]));
}
