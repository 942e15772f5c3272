/** Value against target as a bar, with a tick where it is expected to be by now. */
import type { Pace } from "../gql/graphql";

interface Props {
  value: string;
  target: string;
  expected: string | null;
  pace: Pace;
}

const WIDTH = 200;

export function Meter({ value, target, expected, pace }: Props) {
  const most = Math.max(Number(target), Number(value)) || 1;
  const at = (decimal: string): number => Math.max(0, Math.min(WIDTH, (Number(decimal) / most) * WIDTH));
  return (
    <svg
      class={`meter pace-${pace}`}
      viewBox={`0 0 ${WIDTH} 14`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect x="0" y="3" width={at(target)} height="8" class="track" />
      <rect x="0" y="3" width={at(value)} height="8" class="fill" />
      {expected !== null && <path d={`M${at(expected)} 0v14`} class="tick" />}
    </svg>
  );
}
