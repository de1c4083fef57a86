// One picture, large: step through the others at the same zoom, rate, read what made it.
import { cardNode } from "./card.js";
import { button, fill, h } from "./dom.js";
import { openDialog } from "./dialog.js";
import { figuresNode } from "./tile.js";
import { Look, Stage } from "./stage.js";

export function openLightbox(hub, row) {
  const look = new Look();
  const stage = new Stage(look);
  const side = h("aside", { class: "pg-side" });
  const count = h("p", { class: "pg-count", "aria-live": "polite" });
  const marks = h("div", { class: "pg-figures" });
  let at = row;

  const show = async (next) => {
    if (next === null || next === undefined) return;
    at = next;
    hub.activate(at);
    fill(count, `${hub.position(at)} of ${hub.rows.length}`);
    paint();
    const known = hub.thumbs.get(at);
    if (hub.table.isDrawn(at)) stage.show([{ url: hub.pictures.get(at), alt: known?.alt ?? "", low: known?.url }]);
    else fill(stage.box, h("p", { class: "pg-problem" }, known?.problem || "no picture"));
    fill(side, h("p", { class: "pg-muted" }, "…"));
    try {
      const card = await hub.card(at);
      if (at !== next) return;
      stage.images?.forEach((image) => { image.alt = card.cut.map(([text]) => text).join(""); });
      fill(side, cardNode(card, { marks: hub.table.marks, onaround: () => hub.around(next) }));
    } catch (error) {
      if (at === next) fill(side, h("p", { class: "pg-problem" }, error.message));
    }
  };
  const paint = () => fill(marks, figuresNode(hub, at));
  const step = (by) => show(hub.rows[hub.position(at) - 1 + by]);
  const keys = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    "+": () => look.zoomBy(1.5), "=": () => look.zoomBy(1.5), "-": () => look.zoomBy(1 / 1.5), f: () => look.reset(),
    Home: () => show(hub.rows[0]), End: () => show(hub.rows.at(-1)),
  };
  const onkey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys[event.key]) keys[event.key]();
    else if (!hub.judge(event.key, [at])) return;
    event.preventDefault();
    paint();
  };
  const unwatch = hub.watch(() => paint());
  const dialog = openDialog(hub.el, { label: "Picture", kind: "lightbox", onkey, onclose: () => { unwatch(); hub.board.reveal(at); } },
    h("div", { class: "pg-main" }, stage.box,
      h("div", { class: "pg-foot" },
        button("←", () => step(-1), { title: "previous (left arrow)" }), count, button("→", () => step(1), { title: "next (right arrow)" }),
        button("−", () => look.zoomBy(1 / 1.5), { title: "zoom out (-)" }), button("+", () => look.zoomBy(1.5), { title: "zoom in (+)" }), button("Fit", () => look.reset(), { title: "fit the window (f)" }),
        marks, h("span", { class: "pg-muted" }, "1–5 rate · k keep · d drop"))),
    side);
  show(row);
  return dialog;
}
