/** An indicator by unit, chain or cluster, as sorted bars with their table. */
import { useMemo } from "preact/hooks";
import { barsOption } from "../charts/bars";
import { Chart } from "../charts/Chart";
import { theme } from "../charts/theme";
import { percent } from "../format";
import { type Dimension, GroupsDocument, type GroupsQuery } from "../gql/graphql";
import { DataTable, numberCell } from "../parts/DataTable";
import { Shown } from "../parts/Notices";
import { useAnswer } from "../state/answers";
import type { Indicator, Progress } from "../state/catalogue";
import { choices } from "../state/choices";
import { nameOf, shortOf, unitOfMeasureOf, words } from "../words";
import { Notes } from "./CurvePanel";

type Group = GroupsQuery["breakdown"]["groups"][number];
type Cut = Extract<Dimension, "UNIT" | "CHAIN" | "CLUSTER">;

interface Props {
  by: Cut;
  indicator: Indicator;
  figure: Progress;
  /** Height of one bar in lines of text. */
  line?: number;
}

export function GroupsPanel({ by, indicator, figure, line = 1.6 }: Props) {
  const { byUnit, byChain, byCluster } = words();
  const unit = figure.unit?.code ?? null;
  const answer = useAnswer(GroupsDocument, {
    indicator: indicator.code,
    by: [by],
    from: figure.from,
    to: figure.through,
    // By unit all are shown, with the chosen one standing out; otherwise only its rows count.
    filter: by !== "UNIT" && unit !== null ? { units: [unit] } : null,
    order: "VALUE_DESC",
  });
  return (
    <section class="panel" aria-labelledby={`by-${by}`}>
      <h3 id={`by-${by}`}>{{ UNIT: byUnit, CHAIN: byChain, CLUSTER: byCluster }[by]}</h3>
      <Shown answer={answer}>
        {({ breakdown }) => (
          <>
            <Drawn by={by} indicator={indicator} figure={figure} breakdown={breakdown} line={line} />
            <Notes notes={breakdown.notes} />
          </>
        )}
      </Shown>
    </section>
  );
}

function Drawn({
  by,
  indicator,
  figure,
  breakdown,
  line,
}: Required<Props> & { breakdown: GroupsQuery["breakdown"] }) {
  const w = words();
  const { lang, wall } = choices.value;
  const groups = breakdown.groups.filter((group) => by !== "UNIT" || group.state !== "NOT_APPLICABLE");
  const target = by === "UNIT" && indicator.scope === "county" ? figure.target : null;
  // Words and sizes change with language and wall
  const option = useMemo(
    () =>
      barsOption(
        {
          bars: groups.map((group) => ({
            name: nameOfGroup(group, by, true),
            value: group.value,
            state: group.state,
            highlighted: by === "UNIT" && group.unit?.code === figure.unit?.code,
          })),
          unitOfMeasure: unitOfMeasureOf(indicator),
          target,
        },
        theme(),
      ),
    [breakdown, indicator, figure, lang, wall],
  );
  const heading = { UNIT: w.byUnit, CHAIN: w.byChain, CLUSTER: w.byCluster }[by];
  const title = `${nameOf(indicator)} · ${heading}`;
  const total = Number(breakdown.total ?? 0);
  const ratio = groups.some((group) => group.denominator !== null);
  return (
    <>
      <Chart option={option} label={title} lines={Math.max(8, groups.length * line + 1.5)} />
      <DataTable
        table={{
          title,
          heads: [
            heading,
            `${w.value} (${unitOfMeasureOf(indicator)})`,
            w.why,
            ...(ratio ? [w.numerator, w.denominator] : [w.share]),
          ],
          rows: groups.map((group) => [
            nameOfGroup(group, by, false),
            numberCell(group.value),
            w.state[group.state],
            ...(ratio
              ? [numberCell(group.numerator), numberCell(group.denominator)]
              : [group.value !== null && total > 0 ? percent(Number(group.value) / total) : null]),
          ]),
        }}
      />
    </>
  );
}

function nameOfGroup(group: Group, by: Cut, short: boolean): string {
  const { noChain, noCluster } = words();
  if (by === "UNIT") return group.unit ? (short ? shortOf(group.unit) : nameOf(group.unit)) : "";
  const named = by === "CHAIN" ? group.chain : group.cluster;
  if (!named) return by === "CHAIN" ? noChain : noCluster;
  return nameOf(named);
}
