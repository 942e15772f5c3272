/** Pace as colour, shape and word; never by colour alone. */
import type { Pace } from "../gql/graphql";
import { words } from "../words";

/** Drawn in a square of 16: a tick, an upward triangle, a disc, a downward triangle, a dash, an open ring. */
const SHAPES: Record<Pace, preact.JSX.Element> = {
  DONE: (
    <>
      <circle cx="8" cy="8" r="7" />
      <path d="M4.6 8.2 7 10.7l4.4-5" class="mark" />
    </>
  ),
  AHEAD: <path d="M8 1.6 15 14H1z" />,
  ON_TRACK: <circle cx="8" cy="8" r="6" />,
  BEHIND: <path d="M8 14.4 1 2h14z" />,
  NO_TARGET: <path d="M2 6.6h12v2.8H2z" />,
  NOT_REPORTED: <circle cx="8" cy="8" r="5.6" class="open" />,
};

export function PaceShape({ pace }: { pace: Pace }) {
  return (
    <svg class={`shape pace-${pace}`} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[pace]}
    </svg>
  );
}

export function PaceBadge({ pace }: { pace: Pace }) {
  return (
    <span class={`badge pace-${pace}`}>
      <PaceShape pace={pace} />
      {words().pace[pace]}
    </span>
  );
}
