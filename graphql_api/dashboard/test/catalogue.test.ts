import { expect, test } from "vitest";
import { headline, type Indicator, type Measure, type Progress, periodOf } from "../src/state/catalogue";
import { choose } from "../src/state/choices";

const LISTS = {
  programme: { firstMonth: "2024-01", lastMonth: "2026-12", years: [2024, 2025, 2026] },
  publication: { dataThrough: "2025-03" },
} as Parameters<typeof periodOf>[0];

test("the newest month is shown while nothing is chosen", () => {
  expect(periodOf(LISTS)).toEqual({ year: 2025, through: "2025-03", newest: true });
});

test.each([
  [{ year: 2024 }, { year: 2024, through: "2024-12", newest: false }],
  [{ through: "2024-05" }, { year: 2024, through: "2024-05", newest: false }],
  [{ year: 2025 }, { year: 2025, through: "2025-03", newest: true }],
  [
    { year: 1999, through: "2031-01" },
    { year: 2025, through: "2025-03", newest: true },
  ],
])("of the choices %j the page shows %j", (chosen, shown) => {
  choose(chosen);
  expect(periodOf(LISTS)).toEqual(shown);
});

test("before anything has come the programme's first month is shown", () => {
  const { programme } = LISTS;
  const publication = { ...LISTS.publication, dataThrough: null };
  expect(periodOf({ programme, publication }).through).toBe("2024-01");
});

test("a measure stands on its first indicator with a target where the reader looks, else in the catalogue", () => {
  const [a, b] = [{ code: "a", target: null } as Indicator, { code: "b", target: "5" } as Indicator];
  const measure = { indicators: [a, b] } as Measure;
  expect(headline(measure, new Map())).toBe(b);
  expect(headline(measure, new Map([["a", { target: "3" } as Progress]]))).toBe(a);
  expect(headline({ indicators: [a] as Indicator[] } as Measure, new Map())).toBe(a);
});
