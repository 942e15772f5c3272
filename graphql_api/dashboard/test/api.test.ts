import { expect, test } from "vitest";
import { AskError, dataOf, troubleOf } from "../src/api/client";
import { csvOf, fileName } from "../src/api/download";
import { eachOf, several } from "../src/api/several";
import { formOf } from "../src/api/upload";
import { TypedDocumentString } from "../src/gql/graphql";

test("one field for many arguments is one operation with an alias each", () => {
  const fragment = new TypedDocumentString<{ name: string }, unknown>("fragment F on Unit { name }");
  const field = "unit(year: $year, code: $each)";
  const document = several({ field, type: "ID!", shared: "$year: Int!", fragment }, 2);
  expect(document.toString()).toBe(
    "query Several($year: Int!, $e0: ID!, $e1: ID!) {" +
      " f0: unit(year: $year, code: $e0) { ...F } f1: unit(year: $year, code: $e1) { ...F } }" +
      " fragment F on Unit { name }",
  );
  expect(eachOf(["a", "b"], { year: 2024 })).toEqual({ year: 2024, e0: "a", e1: "b" });
});

test("an upload has its parts in the order of the specification", () => {
  const file = new File(["x"], "于都县.xlsx");
  const form = formOf({ file, unit: null, period: null, dryRun: true });
  expect([...form.keys()]).toEqual(["operations", "map", "0"]);
  expect(JSON.parse(String(form.get("operations"))).variables).toEqual({
    file: null,
    unit: null,
    period: null,
    dryRun: true,
  });
  expect(JSON.parse(String(form.get("map")))).toEqual({ 0: ["variables.file"] });
});

test("an answer is its data, or the trouble it tells of", () => {
  expect(dataOf(200, '{"data": {"a": 1}}')).toEqual({ a: 1 });
  const refused = '{"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN", "requestId": "r1"}}]}';
  expect(() => dataOf(200, refused)).toThrow(new AskError("forbidden", "no (r1)"));
  expect(() => dataOf(502, "<html>")).toThrow(new AskError("server", "HTTP 502"));
  expect(() => dataOf(200, "{}")).toThrow(AskError);
});

test.each([
  [401, undefined, "token"],
  [200, "NO_PUBLICATION", "unavailable"],
  [400, "BAD_USER_INPUT", "input"],
  [500, "INTERNAL_SERVER_ERROR", "server"],
])("HTTP %s with the code %s is trouble of the kind %s", (status, code, trouble) => {
  expect(troubleOf(status, code)).toBe(trouble);
});

test("a table as CSV: a mark for Excel, quotes where needed, and no text that would become a formula", () => {
  const table = {
    title: "t",
    heads: ["单位", "n"],
    rows: [
      ['于"都", 县', -5],
      ["=HYPERLINK(1)", null],
    ],
  };
  expect(csvOf(table)).toBe('\ufeff单位,n\r\n"于""都"", 县",-5\r\n\'=HYPERLINK(1),\r\n');
});

test("a title becomes a name that Windows takes", () => {
  expect(fileName('a/b: "c" <d>|[e]?')).toBe("a b c d e");
});
