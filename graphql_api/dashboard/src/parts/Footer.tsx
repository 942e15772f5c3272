/** Which publication the figures are from, and where to get them all. */
import { download } from "../api/download";
import { moment, monthName } from "../format";
import { periodOf, useCatalogue } from "../state/catalogue";
import { words } from "../words";

export function Footer() {
  const catalogue = useCatalogue();
  const { id, publishedAt, dataThrough } = catalogue.publication;
  const { publication, publishedAt: published, dataThrough: through, footer, api, exportAll } = words();
  const { year } = periodOf(catalogue);
  const name = `indicator_progress_${year}.xlsx`;
  return (
    <footer class="page-foot">
      <p>
        {publication(id)} · {published(moment(publishedAt))}
        {dataThrough && <> · {through(monthName(dataThrough))}</>}
      </p>
      <p>{footer}</p>
      <p class="no-print">
        <button
          type="button"
          class="link"
          onClick={() => void download(`/export/indicator_progress.xlsx?year=${year}`, name)}
        >
          {exportAll}
        </button>
        {" · "}
        <a href="/graphql">{api}</a>
      </p>
    </footer>
  );
}
