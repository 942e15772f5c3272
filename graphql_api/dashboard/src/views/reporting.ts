/** What a cell of the heat grid says. Pure. */
import type { ReportingFieldsFragment, ReportingState } from "../gql/graphql";

export type CellState = ReportingState | "REJECTED";
type Cell = Pick<ReportingFieldsFragment["cells"][number], "state" | "rejected">;

/** A unit whose only returns were rejected still owes one, and should know that something came back. */
export function stateOf({ state, rejected }: Cell): CellState {
  const waits = state === "AWAITED" || state === "NOT_DUE";
  return waits && rejected !== null ? "REJECTED" : state;
}
