/** What a cell of the heat grid says. Pure. */
import type { ReportingFieldsFragment, ReportingState } from "../gql/graphql";

export type CellState = ReportingState | "REJECTED";
type Cell = ReportingFieldsFragment["cells"][number];

/** A unit whose only returns were rejected still owes one, and should know that something came back. */
export function stateOf(cell: Cell, rejected: ReadonlySet<string>, period: string): CellState {
  const waits = cell.state === "AWAITED" || cell.state === "NOT_DUE";
  return waits && rejected.has(`${cell.unit.code}:${period}`) ? "REJECTED" : cell.state;
}
