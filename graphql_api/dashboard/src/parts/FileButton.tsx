/** A file of the server behind a button, because a link cannot carry a token. */
import { useState } from "preact/hooks";
import { AskError } from "../api/client";
import { download } from "../api/download";
import { chosenUnit, periodOf, useCatalogue } from "../state/catalogue";
import { words } from "../words";

interface Props {
  path: string;
  name: string;
  words: string;
  /** `link` among other words. */
  class?: string;
}

export function FileButton({ path, name, words: text, class: look }: Props) {
  const [error, setError] = useState<AskError | null>(null);
  const fetchFile = async (): Promise<void> => {
    setError(null);
    try {
      await download(path, name);
    } catch (failed) {
      setError(failed instanceof AskError ? failed : new AskError("server", String(failed)));
    }
  };
  return (
    <>
      <button type="button" class={look ? `${look} no-print` : "no-print"} onClick={() => void fetchFile()}>
        {text}
      </button>
      {error && (
        <span class="file-error" role="alert">
          {words().trouble[error.trouble]}
        </span>
      )}
    </>
  );
}

interface ExportProps {
  /** The table of the API's exports: `indicator_progress`. */
  table: string;
  words: string;
  /** Only this measure's indicators. */
  measure?: number;
}

/** A whole table of the server as a workbook, for the year and the unit that are chosen. */
export function ExportButton({ table, words: text, measure }: ExportProps) {
  const catalogue = useCatalogue();
  const { year } = periodOf(catalogue);
  const unit = chosenUnit(catalogue)?.code;
  const query = new URLSearchParams({
    year: String(year),
    ...(measure === undefined ? {} : { measure: String(measure) }),
    ...(unit === undefined ? {} : { unit }),
  });
  const name = [table, measure, year, unit].filter((part) => part !== undefined).join("_");
  return (
    <FileButton class="link" path={`/export/${table}.xlsx?${query}`} name={`${name}.xlsx`} words={text} />
  );
}
