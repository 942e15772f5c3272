/** Horizontal bars, one a group, the greatest on top; a group without a value says why in words. */
import type { EChartsCoreOption } from "echarts/core";
import { plain } from "../format";
import type { ValueState } from "../gql/graphql";
import { words } from "../words";
import type { Theme } from "./theme";

export interface Bar {
  name: string;
  value: string | null;
  state: ValueState;
  highlighted: boolean;
}

export interface Bars {
  bars: Bar[];
  unitOfMeasure: string;
  /** A target that each group has by itself. */
  target: string | null;
}

/** Options of ECharts for bars. Pure. */
export function barsOption({ bars, unitOfMeasure, target }: Bars, theme: Theme): EChartsCoreOption {
  const { state, target: targetWord } = words();
  const text = { color: theme.muted, fontFamily: theme.fontFamily, fontSize: theme.rem * 0.78 };
  return {
    animation: theme.animated,
    animationDuration: 300,
    textStyle: text,
    grid: {
      left: 8,
      right: theme.rem * 4,
      top: target === null ? 4 : theme.rem * 1.4,
      bottom: 4,
      containLabel: true,
    },
    xAxis: {
      type: "value",
      min: 0,
      // The target is in view, however far away it is.
      max: target === null ? null : ({ max }: { max: number }) => Math.max(max, Number(target)),
      splitNumber: 3,
      axisLabel: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisLabel: { ...text, color: theme.ink, width: theme.rem * 13, overflow: "truncate" },
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: theme.rem * 1.1,
        barCategoryGap: "30%",
        emphasis: { disabled: true },
        data: bars.map((bar) => ({
          value: bar.value === null ? 0 : Number(bar.value),
          itemStyle: { color: bar.highlighted ? theme.highlight : theme.actual, borderRadius: 2 },
          label: {
            show: true,
            position: "right",
            ...text,
            color: bar.value === null ? theme.muted : theme.ink,
            formatter: bar.value === null ? state[bar.state] : plain(bar.value, unitOfMeasure),
          },
        })),
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
                  position: "end",
                },
                data: [{ xAxis: Number(target) }],
              },
            }),
      },
    ],
  };
}
