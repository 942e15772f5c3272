/** The frame of the page: head, choices, the view that is chosen, and what lies over it. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { CatalogueDocument } from "./gql/graphql";
import { Explain } from "./parts/Explain";
import { Footer } from "./parts/Footer";
import { Header } from "./parts/Header";
import { Empty, Failure, Loading } from "./parts/Notices";
import { Notices } from "./parts/PageNotices";
import { offline, useAnswer } from "./state/answers";
import { CatalogueContext, catalogueOf } from "./state/catalogue";
import { choices, type View } from "./state/choices";
import { seen } from "./state/live";
import { MapView } from "./views/MapView";
import { MeasureView } from "./views/MeasureView";
import { Overview } from "./views/Overview";
import { ReportingView } from "./views/ReportingView";
import { Wall } from "./views/Wall";
import { words } from "./words";

const VIEW: Record<View, () => preact.JSX.Element> = {
  overview: Overview,
  measure: MeasureView,
  map: MapView,
  reporting: ReportingView,
};

export function App() {
  const { data, error } = useAnswer(CatalogueDocument, {});
  const catalogue = useMemo(() => (data ? catalogueOf(data) : null), [data]);
  const { view, lang, wall, explain } = choices.value;
  const { title, view: names, skip } = words();

  useEffect(() => {
    if (data) seen(data.publication.id);
  }, [data]);
  useEffect(() => {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = `${names[view]} · ${title}`;
  }, [lang, view, title, names]);
  const before = useRef(view);
  useEffect(() => {
    // Another view begins at its top, for the eye and for a screen reader.
    if (before.current !== view) document.getElementById("content")?.focus();
    before.current = view;
  }, [view]);
  useEffect(() => {
    document.documentElement.classList.toggle("on-wall", wall);
  }, [wall]);

  if (!catalogue) {
    return (
      <>
        <Header catalogue={null} />
        <main id="content">
          {error === null ? (
            <Loading />
          ) : error.trouble === "unavailable" ? (
            <Empty>{words().noPublication}</Empty>
          ) : (
            <Failure error={error} />
          )}
        </main>
      </>
    );
  }
  if (wall) {
    return (
      <CatalogueContext.Provider value={catalogue}>
        <Wall />
      </CatalogueContext.Provider>
    );
  }
  const Chosen = VIEW[view];
  return (
    <CatalogueContext.Provider value={catalogue}>
      <a class="skip" href="#content">
        {skip}
      </a>
      <Header catalogue={catalogue} />
      <Notices offline={offline.value} />
      <main id="content" tabIndex={-1}>
        <Chosen />
      </main>
      <Footer />
      {explain !== null && catalogue.indicator.has(explain) && <Explain key={explain} code={explain} />}
    </CatalogueContext.Provider>
  );
}
