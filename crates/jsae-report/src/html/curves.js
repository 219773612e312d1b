const DASHES = ["", "6 3", "2 2", "8 3 2 3"];
const MARGIN = { left: 52, right: 20, top: 8, bottom: 38 };
const TITLES = { steps: "environment steps", seconds: "seconds of training" };

const color = (style) => `var(--s${style % 7})`;
const dashes = (style) => DASHES[Math.floor(style / 7) % DASHES.length];

/** A panel of learning curves: drag to zoom, wheel to zoom about the pointer, double click for all. */
class CurvePanel {
  constructor(task, settings) {
    this.task = task;
    this.settings = settings;
    this.hidden = new Set();
    this.view = null;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", `Learning curves: ${task.title}`);
    this.tip = element("div", { class: "tip", hidden: "" });
    this.legend = element("div", { class: "legend" }, ...task.experiments.map((line, i) => this.chip(line, i)));
    this.node = element("div", { class: "panel" }, element("h3", {}, task.title), this.svg, this.tip, this.legend);
    this.listen();
  }

  chip(line, i) {
    const button = element("button", { type: "button", "aria-pressed": "true" });
    const sample = document.createElementNS(SVG, "svg");
    const style = `stroke:${color(line.style)};stroke-width:3`;
    shape(sample, "line", { x1: 0, x2: 22, y1: 4, y2: 4, style, "stroke-dasharray": dashes(line.style) });
    button.append(sample, line.label);
    button.addEventListener("click", () => {
      if (!this.hidden.delete(i)) this.hidden.add(i);
      button.setAttribute("aria-pressed", String(!this.hidden.has(i)));
      this.draw();
    });
    return button;
  }

  /** The curves that are shown, with their data on the chosen axis. */
  lines() {
    const { axis, metric } = this.settings;
    const all = this.task.experiments.map((line, i) => ({ ...line, i, data: line.curves[axis][metric] }));
    return all.filter((line) => !this.hidden.has(line.i));
  }

  /** Lower and upper ends of a band, or nothing. */
  ends(data, band) {
    if (band === "sd" && data.sd.length) return data.mean.map((mean, i) => [mean - data.sd[i], mean + data.sd[i]]);
    if (band === "interval" && data.low.length) return data.mean.map((_, i) => [data.low[i], data.high[i]]);
    return [];
  }

  bands() {
    const { band } = this.settings;
    return band === "both" ? ["sd", "interval"] : band === "none" ? [] : [band];
  }

  whole() {
    let [x0, x1, y0, y1] = [0, -Infinity, Infinity, -Infinity];
    const take = (x, values) => {
      if (!values.length) return;
      x1 = Math.max(x1, x[0] + x[1] * (values.length - 1));
      for (const value of values) [y0, y1] = [Math.min(y0, value), Math.max(y1, value)];
    };
    for (const { data } of this.lines()) {
      take(data.x, data.mean);
      for (const band of this.bands()) for (const [low, high] of this.ends(data, band)) [y0, y1] = [Math.min(y0, low), Math.max(y1, high)];
      if (this.settings.seeds) for (const run of data.runs) take(run.x, run.y);
    }
    if (!(x1 > x0)) [x0, x1] = [0, 1];
    if (!(y1 >= y0)) [y0, y1] = [0, 1];
    const room = 0.04 * (y1 - y0) || 0.5;
    return { x0, x1, y0: y0 - room, y1: y1 + room };
  }

  draw() {
    const width = Math.max(260, Math.round(this.svg.clientWidth || 480));
    const height = Math.round(Math.min(360, Math.max(220, width * 0.62)));
    Object.assign(this, { width, height });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    this.svg.replaceChildren();
    const view = this.view || this.whole();
    this.shown = view;
    const inside = { w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    this.x = (x) => MARGIN.left + (inside.w * (x - view.x0)) / (view.x1 - view.x0);
    this.y = (y) => MARGIN.top + inside.h * (1 - (y - view.y0) / (view.y1 - view.y0));
    this.fromX = (px) => view.x0 + ((px - MARGIN.left) / inside.w) * (view.x1 - view.x0);
    this.fromY = (py) => view.y0 + (1 - (py - MARGIN.top) / inside.h) * (view.y1 - view.y0);
    this.axes(view, inside);
    const clip = shape(this.svg, "svg", { x: MARGIN.left, y: MARGIN.top, width: inside.w, height: inside.h });
    clip.setAttribute("viewBox", `${MARGIN.left} ${MARGIN.top} ${inside.w} ${inside.h}`);
    clip.setAttribute("class", "data");
    this.marks(clip);
    shape(this.svg, "rect", { class: "frame", x: MARGIN.left, y: MARGIN.top, width: inside.w, height: inside.h });
    this.cross = shape(this.svg, "line", { class: "cross", y1: MARGIN.top, y2: MARGIN.top + inside.h, visibility: "hidden" });
    this.brush = shape(this.svg, "rect", { class: "brush", visibility: "hidden" });
  }

  axes(view, inside) {
    const bottom = MARGIN.top + inside.h;
    const across = ticks(view.x0, view.x1, Math.max(2, inside.w / 80));
    for (const tick of across.found) {
      shape(this.svg, "line", { class: "grid", x1: this.x(tick), x2: this.x(tick), y1: MARGIN.top, y2: bottom });
      shape(this.svg, "text", { x: this.x(tick), y: bottom + 15, "text-anchor": "middle" }, short(tick, across.step));
    }
    const up = ticks(view.y0, view.y1, Math.max(2, inside.h / 45));
    for (const tick of up.found) {
      shape(this.svg, "line", { class: "grid", x1: MARGIN.left, x2: MARGIN.left + inside.w, y1: this.y(tick), y2: this.y(tick) });
      shape(this.svg, "text", { x: MARGIN.left - 5, y: this.y(tick) + 4, "text-anchor": "end" }, short(tick, up.step));
    }
    shape(this.svg, "text", { x: MARGIN.left + inside.w / 2, y: bottom + 32, "text-anchor": "middle" }, TITLES[this.settings.axis]);
  }

  path(x, values) {
    return values.map((y, i) => `${i ? "L" : "M"}${this.x(x[0] + x[1] * i).toFixed(1)} ${this.y(y).toFixed(1)}`).join("");
  }

  marks(parent) {
    for (const { data, style } of this.lines()) {
      for (const band of this.bands()) {
        const ends = this.ends(data, band);
        if (ends.length < 2) continue;
        const last = data.x[0] + data.x[1] * (ends.length - 1);
        const back = this.path([last, -data.x[1]], ends.map((end) => end[0]).reverse()).replace("M", "L");
        const d = `${this.path(data.x, ends.map((end) => end[1]))}${back}z`;
        shape(parent, "path", { d, style: `fill:${color(style)};opacity:${band === "sd" ? 0.14 : 0.25}` });
      }
    }
    for (const { data, style } of this.lines()) {
      if (this.settings.seeds) {
        for (const run of data.runs) {
          const dashed = run.counted ? {} : { "stroke-dasharray": "3 3" };
          const d = this.path(run.x, run.y);
          shape(parent, "path", { class: "seed", d, style: `fill:none;stroke:${color(style)};stroke-width:1;opacity:.6`, ...dashed });
        }
      }
      const look = `fill:none;stroke:${color(style)};stroke-width:2;stroke-linejoin:round`;
      shape(parent, "path", { class: "mean", d: this.path(data.x, data.mean), style: look, "stroke-dasharray": dashes(style) });
    }
  }

  listen() {
    const at = (event) => {
      const box = this.svg.getBoundingClientRect();
      const scale = this.width / box.width;
      return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
    };
    let from = null;
    this.svg.addEventListener("pointerdown", (event) => {
      from = at(event);
      if (event.isTrusted) this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => (from ? this.showBrush(from, at(event)) : this.point(at(event))));
    this.svg.addEventListener("pointerup", (event) => {
      if (from) this.zoom(from, at(event));
      from = null;
    });
    this.svg.addEventListener("pointerleave", () => this.point(null));
    this.svg.addEventListener("dblclick", () => this.show(null));
    this.svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      this.wheel(at(event), event.deltaY || event.deltaX);
    }, { passive: false });
  }

  show(view) {
    this.view = view;
    this.draw();
  }

  showBrush(from, to) {
    const box = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
    for (const [key, value] of Object.entries({ ...box, visibility: "visible" })) this.brush.setAttribute(key, value);
  }

  zoom(from, to) {
    this.brush.setAttribute("visibility", "hidden");
    if (Math.abs(from.x - to.x) < 5 || Math.abs(from.y - to.y) < 5) return;
    const [x0, x1] = [from.x, to.x].map(this.fromX).sort((a, b) => a - b);
    const [y0, y1] = [from.y, to.y].map(this.fromY).sort((a, b) => a - b);
    this.show({ x0, x1, y0, y1 });
  }

  wheel(at, delta) {
    const factor = delta > 0 ? 1.25 : 0.8;
    const { x0, x1, y0, y1 } = this.shown;
    const [x, y] = [this.fromX(at.x), this.fromY(at.y)];
    this.show({ x0: x - (x - x0) * factor, x1: x + (x1 - x) * factor, y0: y - (y - y0) * factor, y1: y + (y1 - y) * factor });
  }

  /** Says the values at the pointer, highest first. */
  point(at) {
    const inside = at && at.x >= MARGIN.left && at.x <= this.width - MARGIN.right;
    this.cross.setAttribute("visibility", inside ? "visible" : "hidden");
    this.tip.hidden = !inside;
    if (!inside) return;
    const x = this.fromX(at.x);
    this.cross.setAttribute("x1", at.x);
    this.cross.setAttribute("x2", at.x);
    const values = this.lines().flatMap((line) => {
      const i = line.data.x[1] ? Math.round((x - line.data.x[0]) / line.data.x[1]) : 0;
      const mean = line.data.mean[i];
      if (mean === undefined) return [];
      const sd = line.data.sd[i] === undefined ? "" : ` ± ${short(line.data.sd[i])}`;
      return [{ mean, text: `${line.label}: ${short(mean)}${sd}`, style: line.style }];
    });
    values.sort((a, b) => b.mean - a.mean);
    const rows = values.slice(0, 12).map((v) => element("div", { style: `color:${color(v.style)}` }, v.text));
    this.tip.replaceChildren(element("div", {}, `${short(x)} ${this.settings.axis}`), ...rows);
    const scale = this.svg.getBoundingClientRect().width / this.width;
    const left = at.x * scale + 12;
    const room = this.node.clientWidth - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, left > room ? at.x * scale - this.tip.offsetWidth - 12 : left)}px`;
    this.tip.style.top = `${this.svg.offsetTop + 14}px`;
  }
}
