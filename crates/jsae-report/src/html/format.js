const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; `on…` attributes are listeners. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** The same for SVG, added to `parent`. */
function shape(parent, name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

/** Round ticks between two values, about `n` of them. */
function ticks(low, high, n) {
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((f) => f * power >= rough * 0.999999) || 10);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step && found.length < 40; i++) found.push(i * step);
  return { found, step };
}

/** A tick or a value in few digits: 250k, 1.05M, 0.25. */
function short(value, step = 0) {
  const size = Math.max(Math.abs(value), Math.abs(step));
  const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
  const [scale, unit] = units.find(([scale]) => size >= scale * 10 || (size >= scale && scale > 1e3)) || [1, ""];
  if (value === 0) return "0";
  const digits = step ? Math.max(0, Math.ceil(-Math.log10(step / scale) - 1e-9) + (isRoundTo(step / scale) ? 0 : 1)) : size < 1 ? 3 : 2;
  const text = (value / scale).toFixed(Math.min(digits, 8));
  return (step || unit ? text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") : text) + unit;
}

/** Does one digit write the step (as 0.2 and 0.5, but not 0.25)? */
function isRoundTo(step) {
  const scaled = step * 10 ** Math.ceil(-Math.log10(step) - 1e-9);
  return Math.abs(scaled - Math.round(scaled)) < 1e-6;
}
