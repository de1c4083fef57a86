// Two to four pictures against each other: side by side, behind a slider, or blinking; zoom and place stay in step.
import { diffNode, promptText } from "./card.js";
import { button, fill, h } from "./dom.js";
import { openDialog } from "./dialog.js";
import { Look, Stage } from "./stage.js";
import { figuresNode, words } from "./tile.js";

const BLINK_MS = 700;
const MODES = [["side", "Side by side (s)"], ["slider", "Slider (l)"], ["blink", "Blink (b)"]];

export const MOST = 4;

export function openCompare(hub, rows) {
  const look = new Look();
  const main = h("div", { class: "pg-main" });
  const tabs = h("div", { class: "pg-row", role: "group", "aria-label": "How to compare" });
  const below = h("div", { class: "pg-below" });
  let mode = "side", timer = null, onstep = () => {};

  const picture = (row) => ({ url: hub.pictures.get(row), alt: hub.thumbs.get(row)?.alt || words(hub, row), low: hub.thumbs.get(row)?.url });
  const titled = (row, place) => h("figcaption", {}, h("b", {}, "ABCD"[place]), ` ${words(hub, row) || hub.table.level(row, "product")} `, h("span", { class: "pg-figures" }, figuresNode(hub, row)));

  const draw = () => {
    clearInterval(timer);
    look.stages.clear();
    const slides = mode === "slider" ? rows.slice(0, 2) : rows;
    if (mode === "side") drawSide(slides);
    else if (mode === "slider") drawSlider(slides);
    else drawBlink(slides);
    fill(tabs, MODES.map(([key, label]) => button(label, () => set(key), { "aria-pressed": String(key === mode), "aria-label": null })),
      button("Fit", () => look.reset(), { title: "fit the window (f)" }));
  };

  const drawSide = (slides) => {
    fill(main, h("div", { class: "pg-sides", style: { gridTemplateColumns: `repeat(${slides.length}, minmax(0, 1fr))` } }, slides.map((row, place) => {
      const stage = new Stage(look);
      stage.show([picture(row)]);
      return h("figure", {}, stage.box, titled(row, place));
    })));
  };

  const drawSlider = ([left, right]) => {
    const stage = new Stage(look);
    const slider = h("input", { type: "range", min: "0", max: "100", value: "50", step: "0.5", class: "pg-slider", "aria-label": "share of picture A" });
    const divider = h("div", { class: "pg-divider", "aria-hidden": "true" });
    const cover = h("div", { class: "pg-cover" });
    const set = (share) => {
      cover.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
      divider.style.left = `${share}%`;
      slider.value = String(share);
    };
    stage.show([picture(right)]);
    const upper = new Stage(look);
    upper.show([picture(left)]);
    cover.append(upper.box);
    const frame = h("div", { class: "pg-over" }, stage.box, cover, divider);
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      divider.onpointermove = (next) => {
        const box = frame.getBoundingClientRect();
        set(Math.min(100, Math.max(0, (100 * (next.clientX - box.x)) / box.width)));
      };
      divider.onpointerup = divider.onpointercancel = () => { divider.onpointermove = null; };
    });
    slider.addEventListener("input", () => set(Number(slider.value)));
    set(50);
    fill(main, frame, slider, h("div", { class: "pg-ends" }, titled(left, 0), titled(right, 1)));
    slider.focus();
  };

  const drawBlink = (slides) => {
    const stages = slides.map((row) => {
      const stage = new Stage(look);
      stage.show([picture(row)]);
      return stage;
    });
    const name = h("div", { class: "pg-ends", "aria-live": "off" });
    let at = 0;
    const show = (next) => {
      at = (next + slides.length) % slides.length;
      stages.forEach((stage, place) => { stage.box.style.visibility = place === at ? "visible" : "hidden"; });
      fill(name, titled(slides[at], at));
    };
    const toggle = () => {
      if (timer) timer = clearInterval(timer) ?? null;
      else timer = setInterval(() => show(at + 1), BLINK_MS);
      fill(play, timer ? "Stop" : "Blink");
    };
    const play = button("Blink", toggle, { title: "start or stop (space)", "aria-label": null });
    onstep = (by) => (by === 0 ? toggle() : show(at + by));
    fill(main, h("div", { class: "pg-over" }, stages.map((stage) => stage.box)), name, play);
    show(0);
    const isCalm = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
    if (!isCalm) toggle(); // who asked for less motion steps with the arrow keys
  };

  const set = (next) => {
    mode = next;
    onstep = () => {};
    draw();
  };
  const keys = {
    s: () => set("side"), l: () => set("slider"), b: () => set("blink"), f: () => look.reset(), "+": () => look.zoomBy(1.5), "=": () => look.zoomBy(1.5),
    "-": () => look.zoomBy(1 / 1.5), ArrowRight: () => onstep(1), ArrowLeft: () => onstep(-1), " ": () => onstep(0),
  };
  const onkey = (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.target.closest("button") && event.key === " ") return;
    event.preventDefault();
    keys[event.key]();
  };
  const dialog = openDialog(hub.el, { label: "Compare", kind: "compare", onkey, onclose: () => clearInterval(timer) }, h("header", {}, h("h3", {}, `Compare ${rows.length} pictures`), tabs), main, below);
  draw();
  differences(hub, rows).then((node) => fill(below, node), (error) => fill(below, h("p", { class: "pg-problem" }, error.message)));
  return dialog;
}

/** What differs: the levels, and the words of each prompt against the first. */
async function differences(hub, rows) {
  const cards = await Promise.all(rows.map((row) => hub.card(row)));
  const factors = hub.table.varying(rows);
  const head = h("tr", {}, h("th", {}), rows.map((_, place) => h("th", { scope: "col" }, "ABCD"[place])));
  const lines = factors.map((factor) => h("tr", {}, h("th", { scope: "row" }, factor.name), rows.map((row) => h("td", {}, factor.levels[factor.places[row]]))));
  const scores = hub.table.scorers.map((name) => h("tr", {}, h("th", { scope: "row" }, name), rows.map((row) => {
    const value = hub.table.number(row, name);
    return h("td", { class: "pg-num" }, Number.isNaN(value) ? "–" : value.toFixed(2));
  })));
  const texts = cards.map(promptText);
  const prompts = texts.slice(1).map((text, i) => [h("h4", {}, `Prompt of ${"ABCD"[i + 1]} against A`), text === texts[0] ? h("p", { class: "pg-muted" }, "the same words") : diffNode(texts[0], text)]);
  return [h("section", {}, h("h4", {}, "What differs"), h("table", { class: "pg-table" }, h("thead", {}, head), h("tbody", {}, lines, scores))), h("section", {}, prompts)];
}
