/* Draws the charts of a page: Vega-Lite without eval, in the theme's colours, as wide as their place. */
import { expressionInterpreter } from "vega-interpreter";

const { vega, vegaLite } = window;
const themes = fetch(document.getElementById("charts-script")?.dataset.themeFile
  ?? document.querySelector("script[data-theme-file]").dataset.themeFile).then((answer) => answer.json());
const drawn = new WeakMap();

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
    if (place.clientWidth < 420) x.axis.tickCount = 4;
  }
  const runtime = vega.parse(vegaLite.compile(spec, { config }).spec, null, { ast: true });
  drawn.get(place)?.finalize();
  const inner = document.createElement("div");
  place.replaceChildren(inner);
  const view = new vega.View(runtime, { renderer: "svg", container: inner, hover: true, expr: expressionInterpreter });
  view.tooltip(() => {});
  await view.runAsync();
  drawn.set(place, view);
  listenToBrush(view, chart);
}

function listenToBrush(view, chart) {
  let chosen = null;
  view.addSignalListener("brush", (_name, value) => { chosen = value?.at ?? null; });
  view.addEventListener("mouseup", () => setTimeout(() => {
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
  }, 60));
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
function start() { for (const place of places()) resized.observe(place); }
start();
document.addEventListener("wf:theme", () => places().forEach(draw));
document.addEventListener("wf:figures", start);
