/** What must be known before reading any figure: old data, no server, and that the page has refreshed itself. */

import { monthName, nextMonth, today } from "../format";
import { DueDocument } from "../gql/graphql";
import { useAnswer } from "../state/answers";
import { type Catalogue, useCatalogue } from "../state/catalogue";
import { choices } from "../state/choices";
import { refreshed, shown } from "../state/live";
import { words } from "../words";

export function Notices({ offline }: { offline: boolean }) {
  const catalogue = useCatalogue();
  const { offlineKept, refreshed: refreshedWords, noSuchUnit } = words();
  const { unit } = choices.value;
  return (
    <div class="page-notices">
      {offline && (
        <p class="page-notice bad" role="alert">
          {offlineKept}
        </p>
      )}
      {unit !== null && !catalogue.unit.has(unit) && <p class="page-notice bad">{noSuchUnit}</p>}
      <OldData catalogue={catalogue} />
      <p class="page-notice good" role="status" hidden={!refreshed.value}>
        {refreshed.value && refreshedWords(shown.value ?? "")}
      </p>
    </div>
  );
}

/** Data are old when the month after them is due and not there. */
function OldData({ catalogue }: { catalogue: Catalogue }) {
  const { dataThrough } = catalogue.publication;
  const next = dataThrough ? nextMonth(dataThrough) : null;
  const asked = next !== null && next <= catalogue.programme.lastMonth;
  const { data } = useAnswer(DueDocument, asked ? { period: next } : null);
  const due = data?.reporting.dueOn;
  if (!dataThrough || !next || !due || due >= today()) return null;
  return <p class="page-notice old">{words().oldData(monthName(dataThrough), monthName(next), due)}</p>;
}
