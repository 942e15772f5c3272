import { expect, test } from "vitest";
import { address, type Choices, choices, choose, format, parse } from "../src/state/choices";
import { addresses } from "./window";

const ALL: Choices = {
  view: "reporting",
  lang: "en",
  year: 2025,
  through: "2025-03",
  unit: "360731",
  measure: 3,
  indicator: "apprenticeships",
  explain: "health_checkups",
  cell: "360731:2024-03",
  ret: "R000012",
  wall: true,
};

test("an address holds every choice, and gives it back", () => {
  expect(parse(format(ALL))).toEqual(ALL);
  expect(format(ALL)).toContain("cell=360731:2024-03");
});

test("what nobody chose is not in the address", () => {
  expect(format(parse(""))).toBe("/");
  expect(format({ ...parse(""), measure: 3 })).toBe("?measure=3");
});

test.each([
  "?view=nothing",
  "?through=2024-13",
  "?year=19999",
  "?unit=%3Cscript%3E",
  "?cell=360731",
  "?lang=fr",
  "?wall=yes",
  "?measure=-1",
])("%s makes no sense and is as if it were not there", (search) => {
  expect(parse(search)).toEqual(parse(""));
});

test("a choice goes into the address, with a step for the back button unless it is replaced", () => {
  choose({ unit: "360731" });
  choose({ measure: 2 });
  expect(choices.value.unit).toBe("360731");
  expect(addresses()).toEqual(["?unit=360731", "?measure=2&unit=360731"]);
  choose({ measure: 2 });
  choose({ measure: 4 }, "replace");
  expect(addresses()).toEqual(["?unit=360731", "?measure=4&unit=360731"]);
});

test("a link keeps the other choices", () => {
  choose({ lang: "en", through: "2024-06" });
  expect(address({ view: "map" })).toBe("?view=map&through=2024-06&lang=en");
});
