// How does one picture look in the grid?
import { fill, h } from "./dom.js";
import { CHOICES, STATES, STARS } from "./table.js";

const WORDS = { planned: "waiting", sent: "being drawn", skipped: "left out", uncertain: "no answer: may have been billed" };
const SCALE = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]]; // viridis, five of its stops

/** An empty tile of the right size; `paintTile` fills it. */
export function tileNode(hub, row) {
  const { size } = hub.look;
  const image = h("img", { alt: "", draggable: "false", hidden: true });
  return h("div", { class: "pg-tile", role: "option", id: `${hub.id}-${row}`, "data-row": row, style: { width: `${size}px` } },
    h("div", { class: "pg-frame", style: { height: `${size}px` } }, image, h("div", { class: "pg-problem" }), h("span", { class: "pg-check", "aria-hidden": "true" }, "✓")),
    h("div", { class: "pg-bar", hidden: true }, h("i", {})),
    h("div", { class: "pg-caption" }));
}

/** Show what is known of a row by now. */
export function paintTile(hub, row, node) {
  const { table, thumbs } = hub;
  const state = STATES[table.states[row]];
  const known = thumbs.get(row);
  node.dataset.state = state;
  node.setAttribute("aria-selected", String(hub.selected.has(row)));
  node.setAttribute("aria-posinset", hub.position(row));
  node.setAttribute("aria-setsize", hub.rows.length);
  node.classList.toggle("pg-active", hub.active === row);
  paintPicture(node, state, known);
  paintScore(hub, row, node);
  const said = words(hub, row);
  fill(node.querySelector(".pg-caption"), h("div", { class: "pg-figures" }, figuresNode(hub, row)), said ? h("div", { class: "pg-words", title: said }, said) : null);
}

function paintPicture(node, state, known) {
  const image = node.querySelector("img"), problem = node.querySelector(".pg-problem");
  const url = known?.url ?? "";
  if (image.getAttribute("src") !== (url || null)) {
    if (url) image.src = url;
    else image.removeAttribute("src");
  }
  image.hidden = !url;
  image.alt = known?.alt ?? "";
  const isWaiting = state === "done" && !known;
  problem.hidden = Boolean(url) || isWaiting;
  node.classList.toggle("pg-blank", isWaiting);
  fill(problem, problem.hidden ? null : [h("b", {}, WORDS[state] ?? (state === "done" ? "unreadable" : state)), known?.problem ? h("span", {}, known.problem) : null]);
}

function paintScore(hub, row, node) {
  const { look, table } = hub;
  const share = hub.share(row);
  const bar = node.querySelector(".pg-bar");
  bar.hidden = look.overlay !== "bars" || share === null;
  if (!bar.hidden) bar.firstChild.style.width = `${Math.round(100 * share)}%`;
  node.classList.toggle("pg-heat", look.overlay === "heat" && share !== null);
  node.style.setProperty("--heat", look.overlay === "heat" && share !== null ? heat(share) : "transparent");
  node.dataset.choice = CHOICES[table.choices[row]];
}

/** Score, stars and choice of a row. */
export function figuresNode(hub, row) {
  const { table, look } = hub;
  const value = table.number(row, look.score);
  const stars = table.number(row, STARS);
  const choice = CHOICES[table.choices[row]];
  return [
    Number.isNaN(value) ? null : h("b", { class: "pg-score", title: look.score }, value.toFixed(2)),
    Number.isNaN(stars) ? null : h("span", { class: "pg-stars", title: `rated ${stars}` }, look.size < 120 ? `${Math.round(stars)}★` : "★".repeat(Math.round(stars))),
    choice ? h("span", { class: `pg-choice pg-${choice}` }, choice) : null,
  ];
}

/** The levels that set this picture apart, but for those that the headers say already. */
export function words(hub, row) {
  const { table, look } = hub;
  const said = new Set([look.rows, look.columns, look.supers]);
  const parts = hub.varying.filter((factor) => !said.has(factor.name)).map((factor) => factor.levels[factor.places[row]]);
  return parts.filter((part) => part !== "none").join(" · ");
}

/** A colour for a share of 0 to 1. */
export function heat(share) {
  const at = Math.min(SCALE.length - 1.001, Math.max(0, share * (SCALE.length - 1)));
  const low = SCALE[Math.floor(at)], high = SCALE[Math.floor(at) + 1];
  const mixed = low.map((part, i) => Math.round(part + (high[i] - part) * (at % 1)));
  return `rgb(${mixed.join(" ")})`;
}
