import { expect, test } from "vitest";
import declared from "../src/tiles.json";
import { ATTAINMENT_BOUNDS, CLASSES, COLUMNS, classOf, placed, valueBounds } from "../src/views/tiles";

const DECLARED = Object.keys(declared.tiles);

test("every declared tile has a place of its own within the grid", () => {
  const places = [...placed(DECLARED).values()];
  expect(new Set(places.map(({ column, row }) => `${column} ${row}`)).size).toBe(DECLARED.length);
  expect(places.every(({ column, row }) => column >= 1 && column <= COLUMNS && row >= 1)).toBe(true);
});

test("units without a declared place follow below, none lost and none upon another", () => {
  const strangers = Array.from({ length: COLUMNS + 1 }, (_, number) => `new${number}`);
  const places = placed([...DECLARED, ...strangers]);
  const lowest = Math.max(...DECLARED.map((code) => places.get(code)?.row ?? 0));
  expect(strangers.map((code) => places.get(code)?.row)).toEqual([
    ...Array(COLUMNS).fill(lowest + 1),
    lowest + 2,
  ]);
  expect(new Set([...places.values()].map(({ column, row }) => `${column} ${row}`)).size).toBe(places.size);
});

test("only the units that are asked for have a place", () => {
  expect([...placed(["new"]).values()]).toEqual([{ column: 1, row: 1 }]);
});

test.each([
  [0, 0],
  [0.2499, 0],
  [0.25, 1],
  [0.9999, 3],
  [1, 4],
  [3, 4],
])("attainment %s is in class %s: a bound belongs to the class above", (attainment, expected) => {
  expect(classOf(attainment, ATTAINMENT_BOUNDS)).toBe(expected);
});

test.each([
  [[], [1, 2, 3, 4]],
  [[0], [1, 2, 3, 4]],
  [[23], [5, 10, 15, 20]],
  [
    [1, 480],
    [100, 200, 300, 400],
  ],
  [[51_000], [20_000, 40_000, 60_000, 80_000]],
])(
  "values %s have bounds %s: round, equally wide, and the greatest is in one of the classes",
  (values, bounds) => {
    expect(valueBounds(values)).toEqual(bounds);
    expect(values.every((value) => classOf(value, bounds) < CLASSES)).toBe(true);
  },
);
