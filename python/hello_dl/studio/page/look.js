// The part "Look inside": what a network imagines, a map of images that it finds alike, and its graph.

import { ask, handled, make, svg } from "./api.js";

const at = (id) => document.getElementById(id);
const SIDE = 640; // units of the map's drawing

export function startLooking() {
  const question = (rest) => `/api/inside/${rest}${rest.includes("?") ? "&" : "?"}network=${encodeURIComponent(at("which").value)}`;
  const classes = handled(async () => {
    at("class").replaceChildren(...(await ask(question("classes"))).map((name) => new Option(name)));
  });
  const button = (id, path, show) =>
    at(id).addEventListener("click", handled(async () => {
      at("looking").textContent = "computing ...";
      try {
        at("found").replaceChildren(...show(await ask(question(path()))));
      } finally {
        at("looking").textContent = "";
      }
    }));
  at("which").addEventListener("change", classes);
  button("imagine", () => `imagined?name=${encodeURIComponent(at("class").value)}`, dream);
  button("map-it", () => "map", map);
  button("graph-it", () => "graph", graph);
  return {
    show: handled(async () => {
      if (at("which").options.length) return;
      at("which").replaceChildren(...(await ask("/api/networks")).map((name) => new Option(name)));
      await classes();
    }),
  };
}

function dream({ frames, chances }) {
  const name = at("class").value;
  const figures = frames.map((frame, i) =>
    make(
      "figure",
      {},
      make("img", { src: `data:image/png;base64,${frame}`, alt: `Imagined ${name}, picture ${i + 1}` }),
      make("figcaption", {}, `${(100 * chances[i]).toFixed(0)} % ${name}`),
    ),
  );
  return [
    make("p", { className: "hint" }, "Noise is changed, a little each time, so that the network finds the class likelier."),
    make("div", { className: "frames" }, ...figures),
  ];
}

// Each image is its class's letter at its place; the chosen one is shown as it is.
function map({ x, y, classes, across, sheet }) {
  const drawing = svg("svg", { viewBox: `-10 -10 ${SIDE + 20} ${SIDE + 20}`, class: "map", role: "group", "aria-label": "Map of images" });
  const one = make("canvas", { id: "one", width: 28, height: 28, role: "img", "aria-label": "The chosen image" });
  const images = new Image();
  images.src = `data:image/png;base64,${sheet}`;
  let chosen = null;
  const choose = (dot, i) => {
    chosen?.classList.remove("chosen");
    chosen = dot;
    dot.classList.add("chosen");
    one.getContext("2d").drawImage(images, (i % across) * 28, Math.floor(i / across) * 28, 28, 28, 0, 0, 28, 28);
    one.setAttribute("aria-label", `The chosen image, a ${classes[i]}`);
  };
  classes.forEach((name, i) => {
    const dot = svg("text", { x: x[i] * SIDE, y: (1 - y[i]) * SIDE + 5, tabindex: 0, role: "button", "aria-label": `image ${i + 1}, ${name}` });
    dot.textContent = name;
    for (const event of ["click", "focus", "pointerenter"]) dot.addEventListener(event, () => choose(dot, i));
    drawing.append(dot);
  });
  const hint = "Images that the network finds alike are near each other (t-SNE). Choose a letter to see its image.";
  return [make("p", { className: "hint" }, hint), make("div", { className: "columns" }, drawing, make("div", {}, one))];
}

function graph({ svg: content }) {
  const picture = make("img", { src: `data:image/svg+xml;base64,${content}`, alt: "The graph of the network" });
  const frame = make("div", { className: "wide", tabIndex: 0, role: "group", "aria-label": "The graph of the network" }, picture);
  return [make("p", { className: "hint" }, "From the image, above, to the scores, below: every step that the engine takes."), frame];
}
