/* Draws the charts of a page: Vega-Lite without eval, in the theme's colours, as wide as their place. */
import { expressionInterpreter } from "vega-interpreter";

const { vega, vegaLite } = window;
const themes = fetch(document.getElementById("charts-script")?.dataset.themeFile
  ?? document.querySelector("script[data-theme-file]").dataset.themeFile).then((answer) => answer.json());
const drawn = new Map(); // name of the chart → its view, ended before the next is drawn
const NARROW = 420, NARROW_NAMES = 96;
const LABELS_TAKE = 0.36; // of the width, at most, by the labels at lines' ends

function themeOf(all) {
  return all[document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light"];
}

// Of the label places worked out for several widths, those of the widest that fits.
function eventsFor(byWidth, width) {
  const fitting = Object.keys(byWidth ?? {}).map(Number).filter((known) => known <= width);
  return fitting.length ? byWidth[Math.max(...fitting)] : [];
}

function specification(chart, theme, width) {
  const brush = theme.style.brush;
  const spec = structuredClone(chart.spec);
  const data = { ...chart.data };
  for (const event of eventsFor(chart.events, width)) (data[event.place] ??= []).push(event);
  spec.layer = spec.layer.filter((layer) => data[layer.data.name]?.length);
  spec.datasets = data;
  spec.width = width;
  spec.height = chart.height;
  spec.padding = { left: 0, top: 6, right: 8, bottom: 0 };
  for (const layer of spec.layer) {
    const mark = layer.mark;
    if (mark.style === "own-label" || mark.style === "previous-label") mark.limit = width * LABELS_TAKE;
    if (width < NARROW && layer.encoding.x?.axis) layer.encoding.x.axis.tickCount = 4;
    if (width < NARROW && chart.kind === "bars" && layer.encoding.y?.axis) layer.encoding.y.axis.labelLimit = NARROW_NAMES;
  }
  spec.config = {
    ...theme,
    selection: { interval: { mark: { fill: brush.color, fillOpacity: brush.fillOpacity, stroke: brush.stroke, strokeWidth: brush.strokeWidth } } },
  };
  return spec;
}

async function draw(place) {
  const told = document.getElementById(`chart-${place.dataset.chart}`);
  if (!told || !place.clientWidth) return;
  const chart = JSON.parse((told.content ?? told).textContent);
  if (!chart) return;
  const theme = themeOf(await themes);
  const { config, ...spec } = specification(chart, theme, place.clientWidth);
  if (!spec.layer.length) return;
  const runtime = vega.parse(vegaLite.compile(spec, { config, logger: vega.logger(vega.Error) }).spec, null, { ast: true });
  drawn.get(place.dataset.chart)?.finalize();
  const inner = document.createElement("div");
  inner.setAttribute("aria-hidden", "true"); // its place says in a sentence what it shows, its table says all
  place.replaceChildren(inner);
  const view = new vega.View(runtime, { renderer: "svg", container: inner, hover: true, expr: expressionInterpreter });
  view.tooltip(showTip);
  await view.runAsync();
  for (const link of inner.querySelectorAll("a")) link.setAttribute("tabindex", "-1"); // the table has the same links
  drawn.set(place.dataset.chart, view);
  if (chart.starts) listenToBrush(place, view, chart);
}

// --- Exact figures under the pointer ------------------------------------------------------------------------------
const tip = document.createElement("div");
tip.className = "wf-tip wf-pop";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function showTip(_handler, event, _item, value) {
  tip.hidden = value === null || value === undefined || value === "" || event.buttons > 0;
  if (tip.hidden) return;
  const [first, ...lines] = String(value).split("\n");
  const head = document.createElement("b");
  head.textContent = first;
  tip.replaceChildren(head, ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
  const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  const above = event.clientY - tip.offsetHeight - 10;
  tip.style.left = `${Math.max(8, x)}px`;
  tip.style.top = `${above > 8 ? above : event.clientY + 18}px`;
}
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

// --- Brushing -----------------------------------------------------------------------------------------------------
function listenToBrush(place, view, chart) {
  place.firstElementChild.addEventListener("pointerdown", () => {
    place.dataset.brushing = "";
    tip.hidden = true;
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
  const address = new URL(place.closest("[data-zoom]")?.dataset.zoom ?? location.href, location.href);
  for (const name of ["since", "before", "post"]) address.searchParams.delete(name);
  address.searchParams.set("from", first[1]);
  address.searchParams.set("to", end);
  location.assign(address);
}

// --- Width, theme, new figures ------------------------------------------------------------------------------------
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
document.addEventListener("htmx:afterSwap", start);
