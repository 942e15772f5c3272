/** Where tiles lie and how they are shaded. Pure; the positions are declared in tiles.json. */
import declared from "../tiles.json";

export interface Place {
  column: number;
  row: number;
}

const TILES: Record<string, number[] | undefined> = declared.tiles;
export const COLUMNS: number = declared.columns;

/** A place for every unit; those without a declared one follow in rows of their own, so that none is lost. */
export function placed(codes: readonly string[]): Map<string, Place> {
  const known = codes.flatMap((code): [string, Place][] => {
    const [column, row] = TILES[code] ?? [];
    return column && row ? [[code, { column, row }]] : [];
  });
  const below = Math.max(0, ...known.map(([, place]) => place.row)) + 1;
  const others = codes
    .filter((code) => !TILES[code])
    .map((code, number): [string, Place] => [
      code,
      { column: (number % COLUMNS) + 1, row: below + Math.floor(number / COLUMNS) },
    ]);
  return new Map([...known, ...others]);
}

/** Bounds of the classes of attainment: below a quarter, …, at the target and above. */
export const ATTAINMENT_BOUNDS = [0.25, 0.5, 0.75, 1] as const;
export const CLASSES = ATTAINMENT_BOUNDS.length + 1;

/** The class of a value among bounds, 0 for what is below all of them. */
export function classOf(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value >= bound).length;
}

/** Bounds of classes of equal, round width from zero up; whole numbers, because most indicators count things. */
export function valueBounds(values: readonly number[]): number[] {
  const step = roundStep(Math.max(0, ...values) / CLASSES);
  return ATTAINMENT_BOUNDS.map((_, number) => (number + 1) * step);
}

/** The next of 1, 2, 5, 10, 20, 50 … that is at least so much. */
function roundStep(least: number): number {
  if (least <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least) ?? 10) * power;
}
