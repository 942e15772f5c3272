/** The head of the page: where one is, where one can go, and the choices that all views share. */
import { useState } from "preact/hooks";
import { monthName, months } from "../format";
import { MeDocument } from "../gql/graphql";
import { useAnswer } from "../state/answers";
import { type Catalogue, periodOf } from "../state/catalogue";
import { choices, choose, VIEWS } from "../state/choices";
import { token } from "../state/token";
import { nameOf, words } from "../words";
import { Link } from "./Link";
import { TokenDialog } from "./TokenDialog";

export function Header({ catalogue }: { catalogue: Catalogue | null }) {
  const { programme, subtitle, views, view: names } = words();
  const { view } = choices.value;
  const years = catalogue?.programme.years;
  return (
    <header class="page-head">
      <div class="title-row">
        <p class="title">
          <strong>{programme}</strong>
          <span>{years ? subtitle(`${years[0]}–${years.at(-1)}`) : ""}</span>
        </p>
        <Tools />
      </div>
      <div class="choice-row">
        <nav aria-label={views}>
          <ul>
            {VIEWS.map((each) => (
              <li key={each}>
                <Link to={{ view: each, explain: null, cell: null, ret: null }} current={each === view}>
                  {names[each]}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        {catalogue && <Selects catalogue={catalogue} />}
      </div>
    </header>
  );
}

function Tools() {
  const [asking, setAsking] = useState(false);
  const { lang } = choices.value;
  const { otherLanguage, wall, token: signIn, tokenSet, print, role } = words();
  const me = useAnswer(MeDocument, token.value ? {} : null).data?.me;
  return (
    <div class="tools no-print">
      <button
        type="button"
        class="quiet"
        lang={lang === "zh" ? "en" : "zh-CN"}
        onClick={() => choose({ lang: lang === "zh" ? "en" : "zh" })}
      >
        {otherLanguage}
      </button>
      <button type="button" class="quiet wide-only" onClick={() => choose({ wall: true, explain: null })}>
        {wall}
      </button>
      <button type="button" class="quiet wide-only" onClick={() => window.print()}>
        {print}
      </button>
      <button type="button" class={token.value ? "quiet signed-in" : "quiet"} onClick={() => setAsking(true)}>
        {token.value && me ? tokenSet(me.unit ? nameOf(me.unit) : role[me.role]) : signIn}
      </button>
      {asking && <TokenDialog onClose={() => setAsking(false)} />}
    </div>
  );
}

function Selects({ catalogue }: { catalogue: Catalogue }) {
  const {
    choices: heading,
    year: yearWord,
    through: throughWord,
    unit: unitWord,
    wholeCity,
    newest,
  } = words();
  const period = periodOf(catalogue);
  const { firstMonth, lastMonth, years } = catalogue.programme;
  const last = catalogue.publication.dataThrough;
  const ofYear = months(`${period.year}-01`, `${period.year}-12`).filter(
    (month) => firstMonth <= month && month <= lastMonth,
  );
  const { unit } = choices.value;
  return (
    <fieldset class="choices no-print">
      <legend class="visually-hidden">{heading}</legend>
      <label>
        <span>{unitWord}</span>
        <select
          name="unit"
          value={unit && catalogue.unit.has(unit) ? unit : ""}
          onChange={(event) => choose({ unit: event.currentTarget.value || null })}
        >
          <option value="">{wholeCity}</option>
          {catalogue.units.map((each) => (
            <option key={each.code} value={each.code}>
              {nameOf(each)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{yearWord}</span>
        <select
          name="year"
          value={String(period.year)}
          onChange={(event) => choose({ year: Number(event.currentTarget.value), through: null })}
        >
          {years.map((year) => (
            <option key={year} value={String(year)}>
              {year}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{throughWord}</span>
        <select
          name="through"
          value={period.newest ? "" : period.through}
          onChange={(event) =>
            choose({
              through: event.currentTarget.value || null,
              year: event.currentTarget.value ? null : choices.value.year,
            })
          }
        >
          {last?.startsWith(String(period.year)) && <option value="">{newest(monthName(last))}</option>}
          {ofYear.map((month) => (
            <option key={month} value={month}>
              {monthName(month)}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
