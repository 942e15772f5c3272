/** The months of a figure as a small line beside the expected one; the numbers are in the table of its page. */
import type { SeriesFieldsFragment } from "../gql/graphql";

type Points = SeriesFieldsFragment["points"];

const WIDTH = 120;
const HEIGHT = 32;

/** Corners of a line through the values that are there; gaps are bridged. Pure, for tests. */
export function corners(values: readonly (string | null)[], most: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  return values
    .flatMap((value, number) =>
      value === null
        ? []
        : [
            `${(number * step).toFixed(1)},${(HEIGHT - 2 - (Number(value) / most) * (HEIGHT - 4)).toFixed(1)}`,
          ],
    )
    .join(" ");
}

export function Sparkline({ points, through }: { points: Points; through: string }) {
  const values = points.map((point) => (point.month <= through ? point.value : null));
  const expected = points.map((point) => point.target);
  const most = Math.max(...[...values, ...expected].map((value) => Number(value ?? 0))) || 1;
  const last = values.findLastIndex((value) => value !== null);
  const [x, y] = corners(values, most).split(" ").at(-1)?.split(",") ?? [];
  return (
    <svg
      class="sparkline"
      viewBox={`-3 -3 ${WIDTH + 6} ${HEIGHT + 6}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline points={corners(expected, most)} class="expected" />
      <polyline points={corners(values, most)} class="actual" />
      {last >= 0 && <circle cx={x} cy={y} r="2.6" />}
    </svg>
  );
}
