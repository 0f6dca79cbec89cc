// The part "Teach": shows what is to be written, keeps what was written, and starts the teaching.

import { ask, handled, make, tell } from "./api.js";
import { chart } from "./chart.js";
import { Paper } from "./paper.js";

const at = (id) => document.getElementById(id);
const EVERY = 700; // milliseconds between two looks at a lesson
let prompts = [];
let samples = [];
let timer = null;
let last = Promise.resolve(); // what was asked for last: one thing after the other

const inTurn = (work) => (...given) => (last = last.then(() => work(...given)));
const hand = () => at("hand").value.trim();
const kind = () => at("kind").value;
const path = (rest) => `/api/hands/${encodeURIComponent(hand())}${rest}`;
const mine = () => samples.filter((sample) => sample.kind === kind());

export function startTeaching() {
  const paper = new Paper(at("lines-paper"), () => {
    at("keep").disabled = paper.strokes.length === 0;
  });
  at("keep").addEventListener("click", inTurn(handled(() => keep(paper))));
  at("keep").disabled = true;
  at("again").addEventListener("click", () => paper.clear());
  at("skip").addEventListener("click", () => {
    prompts.push(prompts.shift());
    showPrompt();
  });
  at("hand").addEventListener("change", refresh);
  at("kind").addEventListener("change", refresh);
  at("teach-it").addEventListener("click", handled(async () => {
    await ask(path(`/lessons/${kind()}`), { method: "POST" });
    await look();
  }));
  at("stop-it").addEventListener("click", handled(async () => showLesson(await ask(path("/lesson"), { method: "DELETE" }))));
  return { show: refresh, hide: () => clearTimeout(timer) };
}

const refresh = inTurn(handled(async () => {
  clearTimeout(timer);
  at("hands").replaceChildren(...(await ask("/api/hands")).map(({ name }) => new Option(name)));
  samples = hand() ? await ask(path("/samples")) : [];
  const written = mine().map(({ text }) => text);
  prompts = (await ask(`/api/prompts/${kind()}`)).filter((text) => {
    const place = written.indexOf(text);
    if (place >= 0) written.splice(place, 1); // this one is done
    return place < 0;
  });
  showPrompt();
  showSamples();
  await look();
}));

async function keep(paper) {
  if (!hand()) {
    at("hand").focus();
    tell("give your hand a name first");
    return;
  }
  const json = { kind: kind(), text: prompts[0], strokes: paper.strokes };
  samples.push(await ask(path("/samples"), { method: "POST", json }));
  prompts.shift();
  paper.clear();
  showPrompt();
  showSamples();
}

function showPrompt() {
  at("prompt").textContent = prompts[0] ?? "";
  at("left").textContent = prompts.length ? `${prompts.length} to go; you may teach at any time` : "all is written";
}

function showSamples() {
  at("samples").replaceChildren(
    ...mine().map((sample) => {
      const picture = make("img", { src: `data:image/png;base64,${sample.picture}`, alt: sample.text });
      const remove = make("button", { type: "button", "aria-label": `Delete ${sample.text}`, title: "Delete" }, "\u00d7");
      remove.addEventListener("click", handled(async () => {
        await ask(path(`/samples/${sample.id}`), { method: "DELETE" });
        samples = samples.filter((other) => other !== sample);
        showSamples();
      }));
      return make("li", {}, make("figure", {}, picture, make("figcaption", {}, sample.text)), remove);
    }),
  );
  at("teach-it").disabled = mine().length === 0;
}

const look = handled(async () => {
  clearTimeout(timer);
  if (!hand()) return;
  const lesson = await ask(path("/lesson"));
  showLesson(lesson);
  if (lesson.running) timer = setTimeout(look, EVERY);
});

function showLesson({ running, done, steps, loss, result, message }) {
  at("stop-it").hidden = !running;
  const share = (rate) => (rate === null ? "unknown (too few samples)" : `${(100 * rate).toFixed(1)} %`);
  const words = [];
  if (running) words.push(steps ? `step ${done} of ${steps}` : "preparing ...");
  if (message) words.push(message);
  if (result) {
    words.push(
      `Your writing: ${share(result.own_before)} wrong before, ${share(result.own_after)} after.`,
      `Others' writing: ${share(result.others_before)} before, ${share(result.others_after)} after.`,
      `The weights are called ${hand()}.`,
    );
  }
  const curve = loss ? [chart("Loss while it learns", [{ name: "loss", ...loss }])] : [];
  at("lesson").replaceChildren(...words.map((text) => make("p", {}, text)), ...curve);
}
