/** How much of what should have been reported is in a number, as a sentence. */
import type { CoverageFieldsFragment } from "../gql/graphql";
import { words } from "../words";

type Figures = Pick<CoverageFieldsFragment, "expected" | "reported" | "late">;

export function coverageText({ expected, reported, late }: Figures, ofUnit: boolean): string {
  const { coverageSentence, coverageUnit, coverageNone } = words();
  if (ofUnit) return expected === 0 ? coverageNone : coverageUnit(reported > 0);
  return coverageSentence(reported, expected, late);
}

export function Coverage({ coverage, ofUnit }: { coverage: Figures; ofUnit: boolean }) {
  const whole = coverage.reported === coverage.expected;
  return (
    <p class={whole ? "coverage" : "coverage incomplete"}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {whole ? <path d="m2 8 4 4 8-9" class="line" /> : <path d="M8 2v7m0 3v2" class="line" />}
      </svg>
      {coverageText(coverage, ofUnit)}
    </p>
  );
}
