const data = JSON.parse(document.getElementById("data").textContent);
const settings = { axis: "steps", metric: "recent", band: "both", seeds: false };
const panels = data.tasks.map((task) => new CurvePanel(task, settings));

function redraw(all) {
  for (const panel of panels) {
    if (all) panel.view = null;
    panel.draw();
  }
}

function choice(name, label, options) {
  const select = element("select", { name });
  for (const [value, text] of options) select.append(element("option", { value }, text));
  select.addEventListener("change", () => {
    settings[name] = select.value;
    redraw(name !== "band");
  });
  return element("label", {}, label, select);
}

function controls() {
  const seeds = element("input", { type: "checkbox", name: "seeds" });
  seeds.addEventListener("change", () => {
    settings.seeds = seeds.checked;
    redraw(false);
  });
  const level = `${+(100 * data.level).toFixed(2)} % interval`;
  return element(
    "div",
    { class: "controls" },
    choice("axis", "over", [["steps", "environment steps"], ["seconds", "seconds of training"]]),
    choice("metric", "return", [["recent", "last 10 episodes"], ["epoch", "episodes of the epoch"], ["evaluation", "deterministic evaluation"]]),
    choice("band", "band", [["both", `± sd and ${level}`], ["sd", "± sd"], ["interval", level], ["none", "none"]]),
    element("label", {}, seeds, "each seed"),
    element("button", { type: "button", onclick: () => redraw(true) }, "show all"),
  );
}

/** An embedding whose nearest point says its label. */
function scatterFigure(scatter) {
  const size = 340;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size + 20}`);
  const range = (i) => scatter.points.reduce(([l, h], p) => [Math.min(l, p[0][i]), Math.max(h, p[0][i])], [Infinity, -Infinity]);
  const [across, up] = [range(0), range(1)];
  const place = ([low, high], value) => (high > low ? (value - low) / (high - low) : 0.5);
  const at = (p) => [24 + (size - 34) * place(across, p[0][0]), 10 + (size - 34) * (1 - place(up, p[0][1]))];
  shape(svg, "rect", { class: "frame", x: 18, y: 4, width: size - 22, height: size - 22 });
  const radius = scatter.points.length > 400 ? 2.4 : 3.5;
  const places = scatter.points.map(at);
  scatter.points.forEach((point, i) => shape(svg, "circle", { cx: places[i][0].toFixed(1), cy: places[i][1].toFixed(1), r: radius, fill: point[1] }));
  shape(svg, "text", { x: size / 2, y: size, "text-anchor": "middle" }, scatter.axes[0]);
  shape(svg, "text", { x: 12, y: size / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${size / 2})` }, scatter.axes[1]);
  const ring = shape(svg, "circle", { r: radius + 2.5, fill: "none", stroke: "currentColor", visibility: "hidden" });
  const tip = element("div", { class: "tip", hidden: "" });
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = size / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let [best, near] = [144, -1];
    places.forEach(([px, py], i) => {
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < best) [best, near] = [far, i];
    });
    tip.hidden = near < 0;
    ring.setAttribute("visibility", near < 0 ? "hidden" : "visible");
    if (near < 0) return;
    ring.setAttribute("cx", places[near][0]);
    ring.setAttribute("cy", places[near][1]);
    const [where, , label] = scatter.points[near];
    tip.textContent = `${label ? `${label}: ` : ""}(${where.map((c) => short(c)).join(", ")})`;
    const left = places[near][0] / scale + 10;
    tip.style.left = `${Math.max(0, Math.min(left, box.width - tip.offsetWidth))}px`;
    tip.style.top = `${svg.parentNode.querySelector("h3").offsetHeight + places[near][1] / scale + 12}px`;
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    ring.setAttribute("visibility", "hidden");
  });
  return element("div", { class: "figure" }, element("h3", {}, scatter.title), svg, tip);
}

function section(id, title, ...children) {
  document.getElementById(id).append(element("h2", {}, title), ...children);
}

if (panels.length) {
  const help = "Drag to zoom, ctrl + wheel to zoom about the pointer, double click for all; a name hides its curve.";
  const grid = element("div", { class: "panels" }, ...panels.map((panel) => panel.node));
  section("curves", "Learning curves", controls(), grid, element("p", { class: "note" }, help));
}
for (const table of data.tables) if (table.rows.length) section("tables", table.title, sortableTable(table));
if (data.scatters.length) section("scatters", "Embeddings", element("div", { class: "figures" }, ...data.scatters.map(scatterFigure)));
const differences = document.getElementById("differences");
if (data.differences.rows.length) differences.append(element("h3", {}, "Differences"), sortableTable(data.differences));

redraw(true);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth !== width) redraw(false);
  width = innerWidth;
});
document.documentElement.dataset.ready = Math.round(performance.now());
