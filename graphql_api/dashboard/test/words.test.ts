import { expect, test } from "vitest";
import type { Pace } from "../src/gql/graphql";
import { choose } from "../src/state/choices";
import { halfOf, nameOf, shortOf, unitOfMeasureOf, words } from "../src/words";

const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/;

/** Every word below a node, by its path; functions are asked with numbers, which suit all of them. */
function told(node: unknown, path = ""): [string, string][] {
  if (typeof node === "string") return [[path, node]];
  if (typeof node === "function") return [[path, String(node(2, 3, 1))]];
  return Object.entries(node as object).flatMap(([key, value]) => told(value, path ? `${path}.${key}` : key));
}

/** Words of sentences take texts only. */
function plainWords(): [string, string][] {
  const { sentences, list, clauses, ...others } = words();
  return told(others);
}

test("English is English, but for the switch to Chinese", () => {
  choose({ lang: "en" });
  expect(plainWords().filter(([path, text]) => CHINESE.test(text) && path !== "otherLanguage")).toEqual([]);
});

test("what is counted is said in the reader's language", () => {
  const indicator = { unitOfMeasure: "场", unitOfMeasureEn: "sessions" };
  expect(unitOfMeasureOf(indicator)).toBe("场");
  choose({ lang: "en" });
  expect(unitOfMeasureOf(indicator)).toBe("sessions");
});

test("no word is empty, in either language, and both have the same words", () => {
  const chinese = plainWords();
  choose({ lang: "en" });
  const english = plainWords();
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect([...chinese, ...english].filter(([, text]) => text.trim() === "")).toEqual([]);
});

test.each(["zh", "en"] as const)(
  "every pace has a word of its own (%s), for those who see no colour",
  (lang) => {
    choose({ lang });
    const paces: Pace[] = ["DONE", "AHEAD", "ON_TRACK", "BEHIND", "NO_TARGET", "NOT_REPORTED"];
    expect(new Set(paces.map((pace) => words().pace[pace])).size).toBe(paces.length);
    expect(new Set(paces.map((pace) => words().judged[pace])).size).toBe(paces.length);
  },
);

test("punctuation is that of the language", () => {
  const said = (): string[] => {
    const { named, besides, sentences, list } = words();
    return [named("a", "b"), besides("a", "b"), sentences("a", "b"), list("a", "b")];
  };
  expect(said()).toEqual(["a：b", "a（b）", "a。b。", "a、b"]);
  choose({ lang: "en" });
  expect(said()).toEqual(["a: b", "a (b)", "a. b.", "a, b"]);
});

test("names are in the reader's language", () => {
  const unit = { nameZh: "于都县", nameEn: "Yudu County", shortZh: "于都", shortEn: "Yudu" };
  expect([nameOf(unit), shortOf(unit)]).toEqual(["于都县", "于都"]);
  choose({ lang: "en" });
  expect([nameOf(unit), shortOf(unit)]).toEqual(["Yudu County", "Yudu"]);
});

test.each([
  ["一个数 / a number", "一个数", "a number"],
  ["甲 / 乙 / one / two", "甲 / 乙", "one / two"],
  ["no halves", "no halves", "no halves"],
])("the reader's half of %s", (text, chinese, english) => {
  expect(halfOf(text, "zh")).toBe(chinese);
  expect(halfOf(text, "en")).toBe(english);
});
