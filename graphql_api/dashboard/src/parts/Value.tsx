/** A value, or the word that says why there is none. */

import { measured, plain } from "../format";
import type { ValueState } from "../gql/graphql";
import { words } from "../words";

interface Props {
  value: string | null;
  state: ValueState;
  unitOfMeasure: string;
  /** Without the unit of measure, for columns that name it in their head. */
  bare?: boolean;
}

export function Value({ value, state, unitOfMeasure, bare }: Props) {
  const { state: names, stateWhy } = words();
  if (value === null) {
    return (
      <span class={`no-value state-${state}`} title={stateWhy[state]}>
        {names[state]}
      </span>
    );
  }
  return <span class="number">{bare ? plain(value, unitOfMeasure) : measured(value, unitOfMeasure)}</span>;
}

/** The same as text, for tables and descriptions. */
export function valueText(value: string | null, state: ValueState, unitOfMeasure: string): string {
  return value === null ? words().state[state] : plain(value, unitOfMeasure);
}
