/** For a wall: the whole window without controls, one page after the other by itself. */
import { useEffect, useState } from "preact/hooks";
import { moment, monthName } from "../format";
import { ProgressDocument } from "../gql/graphql";
import { Shown } from "../parts/Notices";
import { useAnswer } from "../state/answers";
import {
  byIndicator,
  chosenUnit,
  headline,
  type Indicator,
  type Measure,
  type Progress,
  periodOf,
  useCatalogue,
} from "../state/catalogue";
import { choose } from "../state/choices";
import { nameOf, words } from "../words";
import { CurvePanel } from "./CurvePanel";
import { GroupsPanel } from "./GroupsPanel";
import { TileMap } from "./MapView";
import { Figure } from "./MeasureView";
import { Cards } from "./Overview";
import { Grid } from "./ReportingView";

const SECONDS = 20;

interface Page {
  key: string;
  title: string;
  show: () => preact.JSX.Element;
}

export function Wall() {
  const catalogue = useCatalogue();
  const { year, through } = periodOf(catalogue);
  const unit = chosenUnit(catalogue);
  const answer = useAnswer(ProgressDocument, { year, through, unit: unit?.code ?? null });
  return (
    <div class="wall">
      <Shown answer={answer}>
        {(data) => <Pages pages={pagesOf(catalogue.measures, data.progress, year)} />}
      </Shown>
    </div>
  );
}

/** The overview, every measure, the map of an indicator that has a target for each unit, and the reporting. */
function pagesOf(measures: Measure[], progress: Progress[], year: number): Page[] {
  const { view, measureNumber, reportingTitle } = words();
  const found = byIndicator(progress);
  const of = measures.flatMap((measure): { measure: Measure; indicator: Indicator; figure: Progress }[] => {
    const indicator = headline(measure, found);
    const figure = indicator && found.get(indicator.code);
    return indicator && figure ? [{ measure, indicator, figure }] : [];
  });
  const all = measures.flatMap((measure) => measure.indicators);
  const mapped = [all.find((indicator) => indicator.scope === "county") ?? all[0]].flatMap(
    (each) => each ?? [],
  );
  return [
    { key: "overview", title: view.overview, show: () => <Cards progress={progress} /> },
    ...of.map(({ measure, indicator, figure }) => ({
      key: `measure-${measure.number}`,
      title: `${measureNumber(measure.number)} · ${nameOf(measure)}`,
      show: () => (
        <div class="wall-measure">
          <div class="stack">
            <Figure indicator={indicator} figure={figure} />
            <CurvePanel indicator={indicator} figure={figure} lines={35} />
          </div>
          <GroupsPanel by="UNIT" indicator={indicator} figure={figure} line={2} />
        </div>
      ),
    })),
    ...mapped.map((indicator) => ({
      key: "map",
      title: `${view.map} · ${nameOf(indicator)}`,
      show: () => <TileMap indicator={indicator} table={false} />,
    })),
    { key: "reporting", title: reportingTitle(year), show: () => <Grid year={year} table={false} /> },
  ];
}

function Pages({ pages }: { pages: Page[] }) {
  const catalogue = useCatalogue();
  const w = words();
  const [number, setNumber] = useState(0);
  const [playing, setPlaying] = useState(true);
  const page = pages[number % pages.length];
  const turn = (by: number): void => setNumber((now) => (now + by + pages.length) % pages.length);

  // Every page has its full time, also after a turn by hand
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => turn(1), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [number, playing, pages.length]);
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      if (event.key === "ArrowRight") turn(1);
      else if (event.key === "ArrowLeft") turn(-1);
      // In full screen Escape first leaves that, and the browser tells nobody.
      else if (event.key === "Escape") choose({ wall: false });
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });
  if (!page) return null;
  const { publication } = catalogue;
  return (
    <>
      <header>
        <h1>
          <small>{w.programme}</small>
          {page.title}
        </h1>
        <p>
          {publication.dataThrough && w.dataThrough(monthName(publication.dataThrough))} ·{" "}
          {w.publishedAt(moment(publication.publishedAt))}
        </p>
      </header>
      <main id="content" key={page.key} data-page={page.key}>
        {page.show()}
      </main>
      <footer>
        <p class="dots" role="status">
          <span class="visually-hidden">{w.wallPage(number + 1, pages.length)}</span>
          {pages.map((each) => (
            <i key={each.key} class={each === page ? "now" : undefined} />
          ))}
        </p>
        <p class="wall-tools">
          <button type="button" onClick={() => setPlaying(!playing)}>
            {playing ? w.wallPause : w.wallPlay}
          </button>
          <button type="button" onClick={() => turn(1)}>
            {w.wallNext}
          </button>
          <button type="button" onClick={() => void document.documentElement.requestFullscreen()}>
            {w.wallFull}
          </button>
          <button type="button" onClick={() => choose({ wall: false })}>
            {w.wallLeave}
          </button>
        </p>
      </footer>
    </>
  );
}
