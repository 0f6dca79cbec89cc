// The part "Read": gives photos to the server, shows what was read, and takes corrections.

import { ask, handled, kindOf, make, svg, tell } from "./api.js";

const at = (id) => document.getElementById(id);
const EVERY = 400; // milliseconds between two questions after a photo that is being read
let chosen = null; // the id of the photo that is shown
let timer = null;

export function startReading() {
  const give = handled(async (files) => {
    for (const file of files) {
      const form = new FormData();
      form.append("photo", file);
      chosen = (await ask("/api/photos", { method: "POST", body: form })).id;
    }
    await refresh();
  });
  at("file").addEventListener("change", (event) => give([...event.target.files]).then(() => (event.target.value = "")));
  const drop = at("drop");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => give([...event.dataTransfer.files]));
  at("forget").addEventListener(
    "click",
    handled(async () => {
      await ask(`/api/photos/${chosen}`, { method: "DELETE" });
      chosen = null;
      await refresh();
    }),
  );
  at("give").addEventListener(
    "click",
    handled(async () => {
      const name = encodeURIComponent(at("to-hand").value.trim());
      const kept = await ask(`/api/photos/${chosen}/samples/${name}`, { method: "POST" });
      at("given").textContent = `${kept.length} kept: teach them under Teach`;
    }),
  );
  at("closer").addEventListener("click", () => zoom(1.4));
  at("farther").addEventListener("click", () => zoom(1 / 1.4));
  pannable(at("view"));
  return { show: refresh, hide: () => clearTimeout(timer) };
}

const refresh = handled(async () => {
  clearTimeout(timer);
  const photos = await ask("/api/photos");
  if (!photos.some((one) => one.id === chosen)) chosen = photos[0]?.id ?? null;
  at("photos").replaceChildren(
    ...photos.map(({ id, name, stage }) => {
      const text = stage === "read" ? name : `${name} (${stage})`;
      const button = make("button", { type: "button", "aria-pressed": String(id === chosen) }, text);
      button.addEventListener("click", () => {
        chosen = id;
        refresh();
      });
      return make("li", {}, button);
    }),
  );
  at("photo").hidden = chosen === null;
  if (chosen !== null) show(await ask(`/api/photos/${chosen}`));
  if (photos.some(({ stage }) => stage === "waiting" || stage === "reading")) timer = setTimeout(refresh, EVERY);
});

function show(photo) {
  const { id, stage, before, message, page } = photo;
  const words = { waiting: `${before} photos are read before this one`, reading: "reading ...", failed: message };
  const empty = stage === "read" && page.lines.length === 0 ? "nothing written was found" : "";
  at("state").textContent = words[stage] ?? [empty, ...(page?.notes ?? [])].filter(Boolean).join("; ");
  for (const link of ["as-text", "as-json", "as-picture"]) at(link).hidden = stage !== "read";
  at("as-text").href = `/api/photos/${id}/text`;
  at("as-json").href = `/api/photos/${id}`;
  at("as-picture").href = `/api/photos/${id}/annotated`;
  if (stage !== "read") {
    at("view").replaceChildren();
    at("text").replaceChildren();
    return;
  }
  const [width, height] = page.size;
  const picture = make("img", { src: `/api/photos/${id}/picture`, alt: "The photo" });
  const boxes = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const sheet = make("div", { className: "sheet" }, picture, boxes);
  const rows = [];
  let number = 0;
  for (const line of page.lines) {
    const row = make("p");
    for (const word of line.words) {
      const [box, button] = pair(photo, word, number++);
      boxes.append(box);
      row.append(button, " ");
    }
    rows.push(row);
  }
  at("view").replaceChildren(sheet);
  at("text").replaceChildren(...rows);
}

// A word twice: its box on the photo and its button in the text, which light up together.
function pair(photo, word, number) {
  const [left, top, right, bottom] = word.box;
  const corrected = photo.corrections[number];
  const kind = corrected === undefined ? kindOf(word.probability) : "sure";
  const box = svg("rect", { x: left, y: top, width: right - left, height: bottom - top, class: kind });
  const label = `${corrected ?? word.text}, right with ${Math.round(100 * word.probability)} %`;
  const button = make("button", { type: "button", className: kind, title: label }, corrected ?? word.text);
  button.classList.toggle("corrected", corrected !== undefined);
  const light = (on) => {
    for (const one of [box, button]) one.classList.toggle("chosen", on);
  };
  for (const one of [box, button]) {
    one.addEventListener("pointerenter", () => light(true));
    one.addEventListener("pointerleave", () => light(false));
    one.addEventListener("click", () => edit(photo, button, number));
  }
  button.addEventListener("focus", () => light(true));
  button.addEventListener("blur", () => light(false));
  return [box, button];
}

function edit(photo, button, number) {
  const input = make("input", { type: "text", value: button.textContent, "aria-label": "What this word is" });
  let open = true;
  const close = handled(async (keep) => {
    if (!open) return;
    open = false;
    const text = input.value.trim();
    input.replaceWith(button);
    if (!keep || text === button.textContent) return;
    show(await ask(`/api/photos/${photo.id}/words`, { method: "PUT", json: { word: number, text } }));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") close(true);
    if (event.key === "Escape") close(false);
  });
  input.addEventListener("blur", () => close(true));
  button.replaceWith(input);
  input.focus();
  input.select();
  tell(null);
}

function zoom(factor) {
  const sheet = at("view").querySelector(".sheet");
  if (!sheet) return;
  const wide = (parseFloat(sheet.style.width) || 100) * factor;
  sheet.style.width = `${Math.min(Math.max(wide, 100), 1500)}%`;
}

function pannable(view) {
  let from = null;
  view.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.target.tagName === "rect") return;
    from = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
    event.preventDefault();
  });
  view.addEventListener("pointermove", (event) => {
    if (from) view.scrollTo(from[0] - event.clientX, from[1] - event.clientY);
  });
  for (const name of ["pointerup", "pointerleave"]) view.addEventListener(name, () => (from = null));
}
