// One picture, large: step through the others at the same zoom, rate, read what made it.
import { cardNode } from "./card.js";
import { button, fill, h } from "./dom.js";
import { openDialog } from "./dialog.js";
import { CHOICES, STARS } from "./table.js";
import { figuresNode } from "./tile.js";
import { Look, Stage } from "./stage.js";

export function openLightbox(hub, row) {
  const look = new Look();
  const stage = new Stage(look);
  const side = h("aside", { class: "pg-side" });
  const count = h("p", { class: "pg-count", "aria-live": "polite" });
  const marks = h("div", { class: "pg-figures" });
  const rating = h("div", { class: "pg-rate" });
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
  const paint = () => {
    fill(marks, figuresNode(hub, at));
    fill(rating, hub.table.isDrawn(at) ? rateNode(hub, at, pressed) : null);
  };
  /** The buttons are made anew: a mouse gives the keys back to the picture, the keyboard stays where it was. */
  const pressed = (event) => {
    const place = [...rating.children].indexOf(event.currentTarget);
    paint();
    (event.detail ? stage.box : rating.children[place])?.focus({ preventScroll: true });
  };
  const step = (by) => show(hub.rows[hub.position(at) - 1 + by]);
  const keys = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    "+": () => look.zoomBy(1.5), "=": () => look.zoomBy(1.5), "-": () => look.zoomBy(1 / 1.5), f: () => look.reset(),
    Home: () => show(hub.rows[0]), End: () => show(hub.rows.at(-1)), "?": () => hub.help(),
    " ": () => hub.toggle(at), c: () => compare(),
  };
  const compare = () => {
    if (hub.canCompare()) dialog.close();
    hub.compare();
  };
  const onkey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target.closest("button")) return; // it presses the button that has the focus
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
        rating, marks)),
    side);
  stage.box.tabIndex = -1;
  stage.box.focus({ preventScroll: true }); // keys mean the picture, not the first button
  show(row);
  return dialog;
}

/** What a mouse or a finger rates with: stars, keep and drop, and the tick. A second press takes it back. */
function rateNode(hub, row, done) {
  const stars = Math.round((hub.table.number(row, STARS) || 0)), choice = CHOICES[hub.table.choices[row]];
  const press = (key) => (event) => {
    hub.judge(key, [row]);
    done(event);
  };
  const toggle = (label, isOn, key, title) => {
    const made = button(label, press(key), { title, kind: isOn ? "pg-on" : "" });
    made.setAttribute("aria-pressed", String(isOn));
    return made;
  };
  const selected = hub.selected.has(row);
  const tick = button("Select", (event) => {
    hub.toggle(row);
    done(event);
  }, { title: "select for comparing (space)", kind: selected ? "pg-on" : "" });
  tick.setAttribute("aria-pressed", String(selected));
  return [
    [1, 2, 3, 4, 5].map((each) => toggle(each <= stars ? "★" : "☆", each === stars, each === stars ? "0" : String(each), `${each} of 5 (${each}; 0 takes it back)`)),
    toggle("Keep", choice === "keep", choice === "keep" ? "u" : "k", "keep (k; u takes it back)"),
    toggle("Drop", choice === "drop", choice === "drop" ? "u" : "d", "drop (d; u takes it back)"),
    tick,
  ];
}
