// Shows the part of the studio that the address names: #draw, #read, #teach, #watch or #look.

import { tell } from "./api.js";
import { startDrawing } from "./draw.js";
import { startLooking } from "./look.js";
import { startReading } from "./read.js";
import { startTeaching } from "./teach.js";
import { startWatching } from "./watch.js";

const parts = { draw: startDrawing(), read: startReading(), teach: startTeaching(), watch: startWatching(), look: startLooking() };

function show() {
  const name = location.hash.slice(1) in parts ? location.hash.slice(1) : "draw";
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const [other, part] of Object.entries(parts)) if (other !== name) part.hide?.();
  tell(window.PointerEvent ? null : "this browser has no pointer events: drawing needs a newer one");
  parts[name].show?.();
}

window.addEventListener("hashchange", show);
show();
