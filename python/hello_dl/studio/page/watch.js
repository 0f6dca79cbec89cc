// The part "Watch": starts and stops trainings, and draws the curves of the chosen runs, live.

import { ask, handled, make } from "./api.js";
import { chart } from "./chart.js";

const at = (id) => document.getElementById(id);
const EVERY = 1000; // milliseconds between two looks at the logs
const chosen = new Set(); // "LOG RUN" of the runs whose curves are drawn
let timer = null;
let seen = new Set();

export function startWatching() {
  at("order").addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  return { show: refresh, hide: () => clearTimeout(timer) };
}

const start = handled(async () => {
  const json = { task: at("task").value, epochs: Number(at("epochs").value), images: Number(at("images").value) };
  await ask("/api/trainings", { method: "POST", json });
  await refresh();
});

const refresh = handled(async () => {
  clearTimeout(timer);
  try {
    const [logs, trainings] = await Promise.all([ask("/api/logs"), ask("/api/trainings")]);
    listTrainings(trainings);
    listRuns(logs);
    const known = new Set(logs.flatMap(({ log, runs }) => runs.map(({ id }) => `${log} ${id}`)));
    const keys = [...chosen].filter((key) => known.has(key));
    const found = await Promise.all(keys.map((key) => ask(`/api/logs/${key.replace(" ", "/runs/")}`)));
    drawCurves(keys, found);
  } finally {
    timer = setTimeout(refresh, EVERY);
  }
});

function listTrainings(trainings) {
  at("trainings").replaceChildren(
    ...trainings.map(({ log, running, message }) => {
      const item = make("li", {}, `${log.replace(".sqlite", "")}: ${running ? "training" : "ended"} `);
      item.append(make("span", { className: "hint" }, message));
      if (running) {
        const stop = make("button", { type: "button" }, "Stop");
        stop.addEventListener("click", handled(() => ask(`/api/trainings/${log}`, { method: "DELETE" })));
        item.append(stop);
      }
      return item;
    }),
  );
}

function listRuns(logs) {
  const keys = logs.flatMap(({ log, runs }) => runs.map(({ id }) => `${log} ${id}`));
  const fresh = keys.filter((key) => !seen.has(key));
  if (fresh.length && (chosen.size === 0 || seen.size)) chosen.add(fresh[0]); // the newest, and what begins now
  if (fresh.length === 0 && keys.length === seen.size && at("runs").querySelector("label, p")) return;
  seen = new Set(keys);
  const rows = logs.flatMap(({ log, runs, message }) => [
    ...(message ? [make("p", { className: "hint" }, `${log}: ${message}`)] : []),
    ...runs.map((run) => row(log, run)),
  ]);
  const empty = make("p", { className: "hint" }, "No run yet: start a training, or give --log to the command.");
  at("runs").replaceChildren(at("runs").firstElementChild, ...(rows.length ? rows : [empty]));
}

function row(log, { id, command, outcome }) {
  const key = `${log} ${id}`;
  const box = make("input", { type: "checkbox", checked: chosen.has(key) });
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(key);
    else chosen.delete(key);
    refresh();
  });
  return make("label", {}, box, ` ${log} ${id}: ${command} `, make("span", { className: "hint" }, outcome));
}

function drawCurves(keys, found) {
  const kinds = { loss: [], right: [] };
  found.forEach(({ curves }, i) => {
    for (const [name, curve] of Object.entries(curves)) {
      const [part, kind] = name.split(" ");
      kinds[kind]?.push({ name: keys.length > 1 ? `${keys[i]} ${part}` : part, ...curve });
    }
  });
  const progress = found.map(({ done, steps }, i) => `${keys[i]}: step ${done}${steps ? ` of ${steps}` : ""}`);
  const titles = { loss: "Loss", right: "Share that is right" };
  at("curves").replaceChildren(
    make("p", { className: "hint" }, progress.join("; ")),
    ...Object.entries(kinds).filter(([, curves]) => curves.length).map(([kind, curves]) => chart(titles[kind], curves)),
  );
}
