// Asks the server; says what went wrong in words.

export class Refused extends Error {}

export async function ask(path, { method = "GET", json, body } = {}) {
  const headers = json === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json === undefined ? body : JSON.stringify(json) });
  } catch {
    throw new Refused("the studio does not answer; is it still running in the terminal?");
  }
  if (answer.status === 204) return null;
  const given = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(typeof given?.detail === "string" ? given.detail : `error ${answer.status}`);
  return given;
}

const notice = document.getElementById("notice");

export function tell(message) {
  notice.textContent = message ?? "";
  notice.hidden = !message;
}

// Runs what an event asks for, and shows an error to the reader instead of losing it.
export function handled(work) {
  return async (...given) => {
    try {
      const result = await work(...given);
      tell(null);
      return result;
    } catch (error) {
      tell(error.message);
      if (!(error instanceof Refused)) throw error;
      return undefined;
    }
  };
}

// An element with properties and children; text is never taken for markup.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function svg(tag, properties = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  return element;
}

export const kindOf = (probability) => (probability >= 0.9 ? "sure" : probability >= 0.5 ? "fair" : "unsure");
