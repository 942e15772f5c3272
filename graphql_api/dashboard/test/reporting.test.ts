import { expect, test } from "vitest";
import type { ReportingState } from "../src/gql/graphql";
import { stateOf } from "../src/views/reporting";

const REJECTED = { id: "R000007" };

test.each<[ReportingState, string]>([
  ["AWAITED", "REJECTED"],
  ["NOT_DUE", "REJECTED"],
  ["ON_TIME", "ON_TIME"],
  ["LATE", "LATE"],
  ["NIL", "NIL"],
])("%s with a refused return on top is shown as %s", (state, shown) => {
  expect(stateOf({ state, rejected: REJECTED })).toBe(shown);
  expect(stateOf({ state, rejected: null })).toBe(state);
});
