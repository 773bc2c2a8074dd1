/* Draws the charts of a page: Vega-Lite without eval, in the theme's colours, as wide as their place. */
import { expressionInterpreter } from "vega-interpreter";

const { vega, vegaLite } = window;
const themes = fetch(document.getElementById("charts-script")?.dataset.themeFile
  ?? document.querySelector("script[data-theme-file]").dataset.themeFile).then((answer) => answer.json());
const drawn = new Map(); // name of the chart → its view, ended before the next is drawn

async function draw(place) {
  const told = document.getElementById(`chart-${place.dataset.chart}`);
  if (!told || !place.clientWidth) return;
  const chart = JSON.parse(told.textContent);
  const theme = (await themes)[document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light"];
  const brush = theme.style.brush;
  const config = {
    ...theme,
    selection: { interval: { mark: { fill: brush.color, fillOpacity: brush.fillOpacity, stroke: brush.stroke, strokeWidth: brush.strokeWidth } } },
  };
  const spec = structuredClone(chart.spec);
  spec.width = place.clientWidth;
  spec.datasets = { bars: chart.data.bars, gaps: chart.data.gaps };
  for (const layer of spec.layer) {
    const x = layer.encoding.x;
    if (layer.data.name === "bars") x.scale = { domain: chart.domain.map((wall) => new Date(wall).getTime()) };
    x.axis.format = chart.format;
    if (layer.data.name === "bars" && !chart.data.bars.length) layer.encoding.y.scale = { domain: [0, 10] }; // an empty day still has a scale
    if (place.clientWidth < 420) x.axis.tickCount = 4;
  }
  const runtime = vega.parse(vegaLite.compile(spec, { config, logger: vega.logger(vega.Error) }).spec, null, { ast: true });
  drawn.get(place.dataset.chart)?.finalize();
  const inner = document.createElement("div");
  inner.setAttribute("aria-hidden", "true"); // its place says in a sentence what it shows
  place.replaceChildren(inner);
  const view = new vega.View(runtime, { renderer: "svg", container: inner, hover: true, expr: expressionInterpreter });
  view.tooltip(() => {});
  await view.runAsync();
  drawn.set(place.dataset.chart, view);
  listenToBrush(place, view, chart);
}

function listenToBrush(place, view, chart) {
  place.firstElementChild.addEventListener("pointerdown", () => {
    place.dataset.brushing = "";
    addEventListener("pointerup", () => setTimeout(() => zoom(place, view, chart), 60), { once: true });
  });
}

function zoom(place, view, chart) {
  delete place.dataset.brushing;
  const chosen = view.signal("brush")?.at;
  if (!chosen) return;
  const [from, to] = chosen.map(Number);
  const starts = chart.starts.map(([wall, real]) => [new Date(wall).getTime(), real]);
  const first = starts.findLast(([wall]) => wall <= from) ?? starts[0];
  const end = starts.find(([wall]) => wall >= to)?.[1] ?? chart.end;
  if (!first || first[1] === end) return;
  const address = new URL(location.href);
  for (const name of ["since", "before", "post"]) address.searchParams.delete(name);
  address.searchParams.set("from", first[1]);
  address.searchParams.set("to", end);
  location.assign(address);
}

const places = () => [...document.querySelectorAll("[data-chart]")];
const widths = new WeakMap();
const resized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (Math.abs((widths.get(target) ?? 0) - contentRect.width) < 2) continue;
    widths.set(target, contentRect.width);
    draw(target);
  }
});
function start() { resized.disconnect(); for (const place of places()) resized.observe(place); }
start();
document.addEventListener("wf:theme", () => places().forEach(draw));
document.addEventListener("wf:figures", start);
