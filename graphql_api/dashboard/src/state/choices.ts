/** Every choice of the reader, kept in the address: a link shows the same view. */
import { signal } from "@preact/signals";

export const VIEWS = ["overview", "measure", "map", "reporting"] as const;
export type View = (typeof VIEWS)[number];
export type Language = "zh" | "en";

/** What is null was not chosen: the newest month, the whole city, the first indicator. */
export interface Choices {
  view: View;
  lang: Language;
  year: number | null;
  through: string | null;
  unit: string | null;
  measure: number | null;
  indicator: string | null;
  /** The figure whose explanation is open. */
  explain: string | null;
  /** The unit and month of the heat grid that are open: `360731:2024-03`. */
  cell: string | null;
  /** The return whose issues are shown. */
  ret: string | null;
  wall: boolean;
}

const NONE: Choices = {
  view: "overview",
  lang: "zh",
  year: null,
  through: null,
  unit: null,
  measure: null,
  indicator: null,
  explain: null,
  cell: null,
  ret: null,
  wall: false,
};

/** Reads an address; what makes no sense is as if it were not there. */
export function parse(search: string): Choices {
  const given = new URLSearchParams(search);
  const text = (name: string, pattern: RegExp): string | null => {
    const value = given.get(name);
    return value !== null && pattern.test(value) ? value : null;
  };
  const number = (name: string): number | null => {
    const value = text(name, /^\d{1,4}$/);
    return value === null ? null : Number(value);
  };
  const view = VIEWS.find((each) => each === given.get("view"));
  return {
    view: view ?? NONE.view,
    lang: given.get("lang") === "en" ? "en" : "zh",
    year: number("year"),
    through: text("through", /^\d{4}-(0[1-9]|1[0-2])$/),
    unit: text("unit", /^\w{1,40}$/),
    measure: number("measure"),
    indicator: text("indicator", /^\w{1,80}$/),
    explain: text("explain", /^\w{1,80}$/),
    cell: text("cell", /^\w{1,40}:\d{4}-(0[1-9]|1[0-2])$/),
    ret: text("return", /^\w{1,40}$/),
    wall: given.get("wall") === "1",
  };
}

/** The address of choices; what is as it would be anyway is left out. */
export function format(choices: Choices): string {
  const parameters = new URLSearchParams();
  const put = (name: string, value: string | number | null): void => {
    if (value !== null) parameters.set(name, String(value));
  };
  put("view", choices.view === NONE.view ? null : choices.view);
  put("measure", choices.measure);
  put("indicator", choices.indicator);
  put("unit", choices.unit);
  put("year", choices.year);
  put("through", choices.through);
  put("explain", choices.explain);
  put("cell", choices.cell);
  put("return", choices.ret);
  put("wall", choices.wall ? 1 : null);
  put("lang", choices.lang === NONE.lang ? null : choices.lang);
  // A colon needs no escape in a query, and the address stays readable.
  const text = parameters.toString().replaceAll("%3A", ":");
  return text ? `?${text}` : "/";
}

export const choices = signal<Choices>(parse(location.search));

/** The address with some choices changed, for a link. */
export function address(changed: Partial<Choices>): string {
  return format({ ...choices.value, ...changed });
}

/** Changes some choices; `replace` leaves no step for the back button. */
export function choose(changed: Partial<Choices>, how: "push" | "replace" = "push"): void {
  const next = { ...choices.value, ...changed };
  const url = format(next);
  if (url === format(choices.value)) return;
  if (how === "push") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  choices.value = next;
}

addEventListener("popstate", () => {
  choices.value = parse(location.search);
});
