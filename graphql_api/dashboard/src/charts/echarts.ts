/** The parts of ECharts that the page uses, and no others. Canvas only: its SVG writes style attributes. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init as start, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export function init(element: HTMLElement): ReturnType<typeof start> {
  return start(element, null, { renderer: "canvas" });
}
