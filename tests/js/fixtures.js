// What the tests of the scripts share: a page, a kernel that answers, a table.
import { JSDOM } from "jsdom";

/** A fresh page; its window becomes the global one. */
export function page() {
  const dom = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true, url: "http://127.0.0.1/" });
  const { window } = dom;
  for (const name of ["window", "document", "HTMLElement", "Event", "KeyboardEvent", "MouseEvent", "Node"]) {
    globalThis[name] = name === "window" ? window : window[name];
  }
  globalThis.requestAnimationFrame = (run) => setTimeout(run, 0);
  globalThis.cancelAnimationFrame = clearTimeout;
  globalThis.ResizeObserver = class { observe() {} disconnect() {} };
  globalThis.CSS = { escape: (text) => text };
  URL.createObjectURL = () => `blob:${++made}`;
  URL.revokeObjectURL = (url) => revoked.push(url);
  window.HTMLDialogElement.prototype.showModal ??= function show() { this.setAttribute("open", ""); };
  window.HTMLDialogElement.prototype.close ??= function close() { this.removeAttribute("open"); };
  return window;
}

let made = 0;
export const revoked = [];

/** Columns as the kernel sends them. `levels`: by factor the level of each row. */
export function tableMessage({ levels, states, values = {}, stars, choices, runs }) {
  const names = Object.keys(levels);
  const count = levels[names[0]].length;
  const factors = names.map((name) => ({ name, levels: [...new Set(levels[name])] }));
  const places = new Uint16Array(factors.flatMap((factor) => levels[factor.name].map((level) => factor.levels.indexOf(level))));
  const scorers = Object.keys(values);
  const numbers = new Float32Array(scorers.flatMap((name) => values[name].map((value) => value ?? NaN)));
  const bytes = (given, filler) => Uint8Array.from(given ?? Array(count).fill(filler));
  return {
    header: { count, runs: runs ?? [{ id: "r1", experiment: "tiny", state: "done", simulated: true, text: "done" }], factors, scorers, marks: ["lighting", "product"] },
    buffers: [places, bytes(states, 2), bytes(stars, 0), bytes(choices, 0), numbers].map((array) => new DataView(array.buffer)),
  };
}

/** A stub of the widget's model. `answers[kind](asked)` gives [content, buffers] or throws; what is sent is kept in `sent`. */
export function stubModel(traits, answers) {
  const listeners = new Map();
  const model = {
    sent: [], read: new Set(), saved: 0,
    get(name) { model.read.add(name); return traits[name]; },
    set(name, value) { traits[name] = value; },
    save_changes() { model.saved++; },
    on(event, listener) { listeners.set(event, [...(listeners.get(event) ?? []), listener]); },
    off(event, listener) { listeners.set(event, (listeners.get(event) ?? []).filter((each) => each !== listener)); },
    count(event) { return (listeners.get(event) ?? []).length; },
    emit(event, ...args) { (listeners.get(event) ?? []).forEach((listener) => listener(...args)); },
    send(asked) {
      model.sent.push(asked);
      const answer = answers[asked.kind];
      if (!answer) return;
      queueMicrotask(() => {
        try {
          const [content, buffers = []] = answer(asked);
          model.emit("msg:custom", { kind: asked.kind, id: asked.id, ...content }, buffers);
        } catch (error) {
          model.emit("msg:custom", { kind: asked.kind, id: asked.id, error: error.message }, []);
        }
      });
    },
  };
  return model;
}

export const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
