"use strict";
(() => {
  const wrong = [];
  const check = (holds, what) => holds || wrong.push(what);
  const one = (query) => document.querySelector(query);
  const all = (query) => [...document.querySelectorAll(query)];
  const change = (query, value) => {
    const node = one(query);
    if (node.type === "checkbox") node.checked = value;
    else node.value = value;
    node.dispatchEvent(new Event("change"));
  };
  const pointer = (node, kind, x, y) => {
    const box = node.getBoundingClientRect();
    node.dispatchEvent(new PointerEvent(kind, { clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
  };
  addEventListener("error", (event) => wrong.push(event.message));

  const looks = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const ground = getComputedStyle(document.body).backgroundColor;
  if (scheme !== "none") {
    check(looks === scheme, `scheme is ${looks}`);
    check(ground === (scheme === "dark" ? "rgb(22, 24, 27)" : "rgb(255, 255, 255)"), `ground is ${ground}`);
    steps();
  }
  check(document.documentElement.dataset.ready, "the page's own script failed");
  check(document.documentElement.scrollWidth <= innerWidth, `page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);
  const verdict = document.createElement("pre");
  verdict.id = "visit";
  verdict.textContent = wrong.join("; ") || "all well";
  document.body.append(verdict);

  function steps() {
    const panels = all(".panel");
    check(panels.length === 2, `${panels.length} panels`);
    const panel = panels.find((panel) => panel.querySelectorAll(".legend button").length === 3);
    const svg = panel.querySelector("svg");
    const means = () => [...panel.querySelectorAll("path.mean")];
    const ticks = () => [...svg.querySelectorAll("text")].map((text) => text.textContent).join(" ");
    check(means().length === 3, `${means().length} curves`);
    check(means().every((path) => path.getAttribute("d").length > 200 && !/NaN|Inf/.test(path.getAttribute("d"))), "paths");

    const chip = panel.querySelector(".legend button");
    chip.click();
    check(means().length === 2 && chip.getAttribute("aria-pressed") === "false", "a name hides its curve");
    chip.click();
    check(means().length === 3 && chip.getAttribute("aria-pressed") === "true", "and shows it again");

    const before = ticks();
    pointer(svg, "pointerdown", 0.4, 0.3);
    pointer(svg, "pointermove", 0.6, 0.5);
    pointer(svg, "pointerup", 0.6, 0.5);
    check(ticks() !== before, "dragging zooms");
    const zoomed = ticks();
    const box = svg.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, cancelable: true };
    svg.dispatchEvent(new WheelEvent("wheel", { ...at, deltaY: 400, ctrlKey: true }));
    check(ticks() !== zoomed, "the wheel zooms");
    svg.dispatchEvent(new MouseEvent("dblclick"));
    check(ticks() === before, "a double click shows all");

    pointer(svg, "pointermove", 0.5, 0.5);
    const tip = panel.querySelector(".tip");
    check(!tip.hidden && /VPG-JSAE: -?\d/.test(tip.textContent), `tip says ${tip.textContent}`);
    pointer(svg, "pointerleave", 0, 0);
    check(tip.hidden, "the tip goes");

    change("select[name=axis]", "seconds");
    check(ticks().includes("seconds of training"), "the axis changes");
    change("select[name=metric]", "evaluation");
    check(means()[0].getAttribute("d").split("L").length === 2, "two evaluations");
    change("select[name=metric]", "epoch");
    change("select[name=axis]", "steps");
    change("select[name=band]", "none");
    check(svg.querySelectorAll("path").length === 3, "no bands");
    change("select[name=band]", "both");
    check(svg.querySelectorAll("path").length === 9, "two bands each");
    change("input[name=seeds]", true);
    check(svg.querySelectorAll("path.seed").length === 16, "fifteen runs and the unfinished one");
    check(svg.querySelectorAll("path.seed[stroke-dasharray]").length === 1, "which is dashed");

    const tables = all("#tables .table");
    check(tables.length === 3, `${tables.length} tables`);
    const trials = tables[1];
    const column = (i) => [...trials.querySelectorAll("tbody tr:not([hidden])")].map((row) => row.cells[i].textContent);
    check(column(0).length === 17, `${column(0).length} trials`);
    const heads = [...trials.querySelectorAll("th button")];
    const returns = heads.findIndex((head) => head.textContent === "final return");
    heads[returns].click();
    const sorted = column(returns).map(Number);
    check(sorted.every((value, i) => !i || value <= sorted[i - 1]), `descending: ${sorted}`);
    heads[returns].click();
    check(Number(column(returns)[0]) === Math.min(...sorted), "then ascending");
    const filter = trials.querySelector("input");
    filter.value = "jsae finished";
    filter.dispatchEvent(new Event("input"));
    check(column(0).length === 5 && column(0).every((name) => name.includes("jsae")), "filtered");

    check(all("#differences tbody tr").length > 2, "differences");
    check(all("details pre").length === 4 && all("details pre")[0].textContent.includes("[training]"), "configurations");
    const cloud = one(".figure svg");
    pointer(cloud, "pointermove", 0.07, 0.88);
    check(/^action \d+: \(/.test(one(".figure .tip").textContent), `hover says ${one(".figure .tip").textContent}`);
    check(one("figure svg circle"), "the drawing is there");
  }
})();
