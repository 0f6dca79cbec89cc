// The part "Draw": strokes go to the server after each one, and its answers are shown.

import { ask, handled, kindOf, make } from "./api.js";
import { Paper } from "./paper.js";

const LINE = "line"; // the choice of whole lines, beside the networks for single letters
const PAUSE = 300; // milliseconds without a stroke, after which the page asks what is inside the network
let later = null;
let drawn = 0; // counts changes of the drawing, so that a late answer is not shown beside a newer one
const at = (id) => document.getElementById(id);

export function startDrawing() {
  const network = at("network");
  let asking = false; // one question at a time: the strokes drawn meanwhile go with the next one
  let changed = false;

  const change = handled(async () => {
    drawn += 1;
    changed = true;
    if (asking) return;
    asking = true;
    try {
      while (changed) {
        changed = false;
        await answer(paper.strokes, network.value);
      }
    } finally {
      asking = false;
    }
  });

  const paper = new Paper(at("canvas"), change);
  at("undo").addEventListener("click", () => paper.undo());
  at("clear").addEventListener("click", () => paper.clear());
  network.addEventListener("change", change);
  at("canvas").addEventListener("keydown", (event) => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) paper.undo();
    if (event.key === "Delete" || event.key === "Escape") paper.clear();
  });

  return {
    show: handled(async () => {
      if (network.options.length) return;
      const names = await ask("/api/networks");
      network.replaceChildren(
        ...names.map((name) => new Option(`one of the ${name}`, name)),
        new Option("a line, joined or not", LINE),
      );
    }),
  };
}

// Asks about the strokes and shows the answers; what is inside the network only when the pen rests.
async function answer(strokes, network) {
  const mine = drawn;
  if (strokes.length === 0) {
    clearTimeout(later);
    for (const id of ["answer", "sees", "inside"]) at(id).replaceChildren();
    return;
  }
  if (network === LINE) {
    showLine(await ask("/api/line", { method: "POST", json: { strokes } }));
    return;
  }
  const json = { strokes, network };
  showLetter(await ask("/api/letter", { method: "POST", json }));
  clearTimeout(later);
  later = setTimeout(
    handled(async () => {
      if (mine !== drawn) return;
      const found = await ask("/api/inside", { method: "POST", json });
      if (mine === drawn) showInside(found);
    }),
    PAUSE,
  );
}

function showLetter({ best, sees }) {
  at("answer").replaceChildren(
    ...best.map(({ text, probability }) =>
      make(
        "div",
        { className: "guess" },
        make("b", {}, text),
        make("div", { className: "share", "aria-hidden": "true" }, bar(probability)),
        make("span", {}, `${(100 * probability).toFixed(1)} %`),
      ),
    ),
  );
  at("sees").replaceChildren(pixels(sees, (ink) => [ink, ink, ink], "The letter in 28 by 28 pixels"));
}

function bar(probability) {
  const filled = make("i");
  filled.style.width = `${100 * probability}%`;
  return filled;
}

function showLine({ lines, sees }) {
  const rows = lines.map((words) =>
    make("p", { className: "line" }, ...words.flatMap((word, i) => [i ? " " : "", spoken(word)])),
  );
  at("answer").replaceChildren(...(rows.length ? rows : [make("p", {}, "no line is found yet: go on writing")]));
  const shown = sees ? [make("img", { src: `data:image/png;base64,${sees}`, alt: "The straightened lines" })] : [];
  at("sees").replaceChildren(...shown);
  at("inside").replaceChildren();
}

function spoken({ text, probability }) {
  const title = `right with ${Math.round(100 * probability)} %`;
  return make("span", { className: kindOf(probability), title }, text);
}

function showInside({ best, layers, rubbed }) {
  const figures = layers.map(({ name, filters, picture }) =>
    figure(
      make("img", { src: `data:image/png;base64,${picture}`, alt: `Responses of layer ${name}` }),
      `layer ${name}: ${filters} filters; red: like the filter, blue: unlike`,
    ),
  );
  const most = Math.max(0.05, ...rubbed.flat());
  const heat = pixels(rubbed, (fall) => [255 * Math.max(0, fall / most), 90 * Math.max(0, fall / most), 40], "Where it matters");
  figures.unshift(figure(heat, `rubbed out here, "${best.text}" becomes less likely (by up to ${Math.round(100 * most)} %)`));
  at("inside").replaceChildren(make("h3", {}, "Inside the network"), ...figures);
}

const figure = (picture, caption) => make("figure", {}, picture, make("figcaption", {}, caption));

// Draws rows of numbers as pixels.
function pixels(rows, colour, label) {
  const canvas = make("canvas", { width: rows[0].length, height: rows.length, role: "img", "aria-label": label });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(rows[0].length, rows.length);
  rows.flat().forEach((number, i) => image.data.set([...colour(number), 255], 4 * i));
  pen.putImageData(image, 0, 0);
  return canvas;
}
