/** A chart on a canvas. Its numbers are in the table below it, so a screen reader gets a sentence instead. */
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { useEffect, useRef } from "preact/hooks";

interface Props {
  option: EChartsCoreOption;
  /** What the chart shows, in a sentence. */
  label: string;
  /** Height in lines of text. */
  lines: number;
}

export function Chart({ option, label, lines }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | undefined>(undefined);
  const latest = useRef(option);
  latest.current = option;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let over = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    void import("./echarts").then(({ init }) => {
      if (over) return;
      chart.current = init(element);
      chart.current.setOption(latest.current);
      observer.observe(element);
    });
    return () => {
      over = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);
  return <div ref={box} class="chart" role="img" aria-label={label} style={{ blockSize: `${lines}rem` }} />;
}
