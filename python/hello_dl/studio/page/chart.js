// Draws curves over steps as an SVG.

import { make, svg } from "./api.js";

const [WIDE, HIGH, LEFT, BELOW] = [720, 260, 52, 26]; // pixels of the drawing and of its margins

export function chart(title, curves) {
  const points = curves.flatMap(({ step, value }) => step.map((x, i) => [x, value[i]]).filter(([, y]) => y !== null));
  const figure = make("figure", { className: "chart" }, make("figcaption", {}, title, ...keys(curves)));
  if (points.length === 0) return figure;
  const [x, xs] = axis(points.map(([a]) => a), LEFT, WIDE - 10, 5);
  const [y, ys] = axis(points.map(([, b]) => b), HIGH - BELOW, 10, 4);
  const last = points.at(-1)[1];
  const label = `${title}: ${curves.map(({ name }) => name).join(", ")}; last ${format(last)}`;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label });
  for (const tick of ys) {
    drawing.append(svg("line", { x1: LEFT, x2: WIDE - 10, y1: y(tick), y2: y(tick), class: "grid" }));
    drawing.append(written(tick, LEFT - 6, y(tick) + 4, "end"));
  }
  for (const tick of xs) drawing.append(written(tick, x(tick), HIGH - 8, "middle"));
  curves.forEach(({ step, value }, i) => drawing.append(line(step, value, x, y, i)));
  figure.append(drawing);
  return figure;
}

function keys(curves) {
  return curves.flatMap(({ name }, i) => [make("i", { className: `key c${i % 4}` }), name]);
}

function line(step, value, x, y, i) {
  let path = "";
  let gap = true;
  step.forEach((at, k) => {
    if (value[k] === null) gap = true;
    else {
      path += `${gap ? "M" : "L"}${x(at).toFixed(1)} ${y(value[k]).toFixed(1)}`;
      gap = false;
    }
  });
  return svg("path", { d: path, class: `curve c${i % 4}` });
}

// The way from a number to a place, and round numbers to write at an axis.
function axis(numbers, from, to, wanted) {
  const low = Math.min(...numbers);
  const high = Math.max(...numbers, low + 1e-9);
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
  return [(number) => from + ((number - low) / (high - low)) * (to - from), ticks];
}

const format = (number) => String(Number(number.toPrecision(3)));

function written(number, x, y, anchor) {
  const text = svg("text", { x, y, "text-anchor": anchor });
  text.textContent = format(number);
  return text;
}
