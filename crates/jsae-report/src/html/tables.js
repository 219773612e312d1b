/** A table whose columns sort and whose rows a word filters. */
function sortableTable(data) {
  const text = (cell) => (Array.isArray(cell) ? cell[0] : cell);
  const value = (cell) => (Array.isArray(cell) ? cell[1] : null);
  const rows = data.rows.map((cells) => {
    const tds = cells.map((cell, i) => element("td", data.words[i] ? { class: "words" } : {}, text(cell)));
    return { cells, line: element("tr", {}, ...tds), words: cells.map(text).join(" ").toLowerCase() };
  });
  const body = element("tbody", {}, ...rows.map((row) => row.line));
  const count = element("span", { class: "note" });
  const heads = data.columns.map((name, i) => {
    const head = element("th", { scope: "col", "aria-sort": "none", ...(data.words[i] ? { class: "words" } : {}) });
    head.append(element("button", { type: "button", onclick: () => sort(i) }, name));
    return head;
  });

  function sort(column) {
    const before = heads[column].getAttribute("aria-sort");
    const first = data.words[column] ? "ascending" : "descending";
    const order = before === "none" ? first : before === "ascending" ? "descending" : "ascending";
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? order : "none"));
    const sign = order === "ascending" ? 1 : -1;
    rows.sort((a, b) => compare(a.cells[column], b.cells[column], sign));
    body.append(...rows.map((row) => row.line));
  }

  /** Numbers by value, what has none last, words by their letters and numbers within. */
  function compare(a, b, sign) {
    const [x, y] = [value(a), value(b)];
    if (x !== null && y !== null) return sign * (x - y);
    if (x !== null || y !== null) return x === null ? 1 : -1;
    return sign * text(a).localeCompare(text(b), undefined, { numeric: true });
  }

  function filter(wanted) {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const hit = words.every((word) => row.words.includes(word));
      row.line.hidden = !hit;
      shown += hit;
    }
    count.textContent = words.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
  }

  filter("");
  const whole = element("div", { class: "table" });
  if (rows.length > 4) {
    const input = element("input", { type: "search", placeholder: "filter rows", "aria-label": `filter ${data.title}` });
    input.addEventListener("input", () => filter(input.value));
    whole.append(element("div", { class: "controls" }, input, count));
  }
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  whole.append(element("div", { class: "scroll", tabindex: "0" }, table));
  if (data.caption) whole.append(element("p", { class: "note" }, data.caption));
  return whole;
}
