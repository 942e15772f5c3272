/** The curve of an indicator: actual to date, expected to date, and the target they lead to. */
import type { EChartsCoreOption } from "echarts/core";
import { monthShort, plain } from "../format";
import type { SeriesFieldsFragment } from "../gql/graphql";
import { words } from "../words";
import type { Theme } from "./theme";

export interface Curve {
  points: SeriesFieldsFragment["points"];
  through: string;
  target: string | null;
  unitOfMeasure: string;
}

/** Options of ECharts for a curve. Pure. */
export function curveOption(
  { points, through, target, unitOfMeasure }: Curve,
  theme: Theme,
): EChartsCoreOption {
  const { actual, expected, target: targetWord } = words();
  const several = points.length > 12;
  const text = { color: theme.muted, fontFamily: theme.fontFamily, fontSize: theme.rem * 0.78 };
  const shown = (value: unknown): string =>
    typeof value === "number" ? plain(String(value), unitOfMeasure) : "–";
  const line = (name: string, data: (number | null)[], colour: string, type: string, width: number) => ({
    name,
    type: "line",
    data,
    connectNulls: true,
    showSymbol: type === "solid",
    symbolSize: theme.rem * 0.4,
    itemStyle: { color: colour },
    lineStyle: { color: colour, type, width: width * (theme.rem / 16) },
    emphasis: { disabled: true },
  });
  return {
    animation: theme.animated,
    animationDuration: 300,
    textStyle: text,
    grid: { left: 8, right: theme.rem * 2.4, top: theme.rem * 1.4, bottom: 4, containLabel: true },
    // Rich text is drawn on the canvas; HTML would need style attributes, which the page's policy forbids.
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: shown,
      textStyle: { ...text, color: theme.ink },
    },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: points.map((point) =>
        several && point.month.endsWith("-01") ? point.month.slice(0, 4) : monthShort(point.month),
      ),
      axisLabel: { ...text, ...(several ? { interval: (index: number) => index % 6 === 0 } : {}) },
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      axisLabel: { ...text, formatter: (value: number) => plain(String(value), unitOfMeasure) },
      splitLine: { lineStyle: { color: theme.line } },
      splitNumber: 4,
    },
    series: [
      {
        ...line(
          actual,
          points.map((point) =>
            point.month <= through && point.value !== null ? Number(point.value) : null,
          ),
          theme.actual,
          "solid",
          2.6,
        ),
        ...(target === null
          ? {}
          : {
              markLine: {
                silent: true,
                symbol: "none",
                lineStyle: { color: theme.target, type: "dotted", width: 2 * (theme.rem / 16) },
                label: {
                  ...text,
                  color: theme.target,
                  formatter: `${targetWord} ${plain(target, unitOfMeasure)}`,
                  position: "insideStartTop",
                },
                data: [{ yAxis: Number(target) }],
              },
            }),
      },
      line(
        expected,
        points.map((point) => (point.target === null ? null : Number(point.target))),
        theme.expected,
        "dashed",
        1.8,
      ),
      // The target counts for the height of the axis, which a mark line does not.
      ...(target === null
        ? []
        : [
            {
              type: "line",
              silent: true,
              data: points.map(() => Number(target)),
              showSymbol: false,
              lineStyle: { opacity: 0 },
              tooltip: { show: false },
            },
          ]),
    ],
  };
}
