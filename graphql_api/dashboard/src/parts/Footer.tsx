/** Which publication the figures are from, and where to get them all. */
import { moment, monthName } from "../format";
import { useCatalogue } from "../state/catalogue";
import { words } from "../words";
import { ExportButton } from "./FileButton";

export function Footer() {
  const catalogue = useCatalogue();
  const { id, publishedAt, dataThrough } = catalogue.publication;
  const { publication, publishedAt: published, dataThrough: through, footer, api, exportAll } = words();
  return (
    <footer class="page-foot">
      <p>
        {publication(id)} · {published(moment(publishedAt))}
        {dataThrough && <> · {through(monthName(dataThrough))}</>}
      </p>
      <p>{footer}</p>
      <p class="no-print">
        <ExportButton table="indicator_progress" words={exportAll} />
        {" · "}
        <a href="/graphql">{api}</a>
      </p>
    </footer>
  );
}
