// What can be chosen: search, order, pivot, scores, filters; and what can be done with the selection.
import { button, fill, h, select } from "./dom.js";
import { MOST } from "./compare.js";
import { PLAN, STARS, STATES } from "./table.js";

const OVERLAYS = [["numbers", "numbers"], ["bars", "bars"], ["heat", "heat map"]];
const RATED = [["any", "rated or not"], ["rated", "rated"], ["unrated", "not rated"], ["keep", "kept"], ["drop", "dropped"]];

export class Toolbar {
  constructor(hub) {
    this.hub = hub;
    this.count = h("span", { class: "pg-count", role: "status" });
    this.actions = h("span", { class: "pg-row" });
    this.progress = h("span", { class: "pg-progress" });
    this.filters = h("div", { class: "pg-filters", hidden: true });
    this.filterButton = button("Filter", () => this.toggleFilters(), { "aria-expanded": "false", title: "choose levels, states and scores" });
    this.search = h("input", { type: "search", class: "pg-search", placeholder: "words of prompt, product, reason", "aria-label": "search" });
    let timer = null;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => hub.search(this.search.value), 200);
    });
    this.controls = h("div", { class: "pg-controls" });
    this.el = h("div", { class: "pg-toolbar" },
      h("div", { class: "pg-row" }, this.search, this.filterButton, this.controls),
      this.filters,
      h("div", { class: "pg-row pg-status" }, this.count, this.progress, this.actions));
    this.build();
  }

  /** The selects; built once, and again when the table is new. */
  build() {
    const { table, look } = this.hub;
    const set = (name) => (value) => this.hub.change({ [name]: value });
    const factors = table.factors.filter((factor) => factor.levels.length > 1).map((factor) => [factor.name, factor.name]);
    const axis = (label, name) => select(label, [["", "–"], ...factors], look[name] ?? "", set(name));
    const scores = table.scorers.map((name) => [name, name]);
    const orders = [[PLAN, "plan"], ...scores, [STARS, "rating"], ...factors];
    const size = h("input", { type: "range", min: "64", max: "320", step: "8", value: String(look.size), "aria-label": "size of pictures" });
    size.addEventListener("input", () => this.hub.change({ size: Number(size.value) }));
    const direction = button(look.descending ? "↓" : "↑", () => {
      this.hub.change({ descending: !this.hub.look.descending });
      fill(direction, this.hub.look.descending ? "↓" : "↑");
    }, { title: "turn the order around" });
    fill(this.controls,
      select("Sort", orders, look.sort ?? PLAN, (value) => {
        const falls = table.values.has(value) || value === STARS;
        fill(direction, falls ? "↓" : "↑");
        this.hub.change({ sort: value, descending: falls });
      }), direction,
      axis("Rows", "rows"), axis("Columns", "columns"), axis("Super-rows", "supers"),
      scores.length ? select("Score", scores, look.score, set("score")) : null,
      scores.length ? select("shown as", OVERLAYS, look.overlay ?? "numbers", set("overlay")) : null,
      h("label", { class: "pg-field" }, h("span", {}, "Size"), size));
    if (!this.filters.hidden) this.buildFilters();
  }

  toggleFilters() {
    this.filters.hidden = !this.filters.hidden;
    this.filterButton.setAttribute("aria-expanded", String(!this.filters.hidden));
    if (!this.filters.hidden) this.buildFilters();
  }

  buildFilters() {
    const { table, look } = this.hub;
    const states = STATES.filter((_, i) => table.states.includes(i));
    const sets = [...table.factors.filter((factor) => factor.levels.length > 1), ...(states.length > 1 ? [{ name: "state", levels: states }] : [])];
    fill(this.filters,
      sets.map((factor) => this.levels(factor)),
      h("fieldset", {}, h("legend", {}, "people"), select("rating", RATED, look.rated ?? "any", (value) => this.hub.change({ rated: value }))),
      table.scorers.length ? this.range(look.score) : null,
      button("Show all", () => {
        this.search.value = "";
        this.hub.search("");
        this.hub.change({ hide: {}, ranges: {}, rated: "any" });
        this.buildFilters();
      }, { title: "take back every filter and the search" }));
  }

  levels(factor) {
    const hidden = () => new Set(this.hub.look.hide?.[factor.name] ?? []);
    const set = (levels) => this.hub.change({ hide: { ...this.hub.look.hide, [factor.name]: [...levels] } });
    const box = (level) => {
      const input = h("input", { type: "checkbox" });
      input.checked = !hidden().has(level);
      input.addEventListener("change", () => {
        const now = hidden();
        if (input.checked) now.delete(level);
        else now.add(level);
        set(now);
      });
      const only = button("only", () => {
        set(factor.levels.filter((each) => each !== level));
        this.buildFilters();
      }, { title: `show only ${level}`, kind: "pg-only" });
      return h("div", { class: "pg-level" }, h("label", {}, input, ` ${level}`), only);
    };
    return h("fieldset", {}, h("legend", {}, factor.name), h("div", { class: "pg-levels" }, factor.levels.map(box)));
  }

  range(name) {
    const [low, high] = this.hub.look.ranges?.[name] ?? [null, null];
    const field = (label, value, place) => {
      const input = h("input", { type: "number", min: "0", max: "5", step: "0.1", value: value ?? "", "aria-label": `${label} ${name}` });
      input.addEventListener("change", () => {
        const range = [...(this.hub.look.ranges?.[name] ?? [null, null])];
        range[place] = input.value === "" ? null : Number(input.value);
        this.hub.change({ ranges: { ...this.hub.look.ranges, [name]: range } });
      });
      return input;
    };
    return h("fieldset", {}, h("legend", {}, name), h("div", { class: "pg-row" }, field("lowest", low, 0), " to ", field("highest", high, 1)));
  }

  /** Counts, progress and what the selection allows. */
  paint() {
    const { hub } = this;
    const chosen = [...hub.selected];
    const shown = hub.rows.length === hub.table.count ? `${hub.table.count} pictures` : `${hub.rows.length} of ${hub.table.count} pictures`;
    fill(this.count, chosen.length ? `${shown}, ${chosen.length} selected` : shown);
    const filtering = Object.values(hub.look.hide ?? {}).some((levels) => levels.length) || (hub.look.rated ?? "any") !== "any" || Object.keys(hub.look.ranges ?? {}).length > 0;
    this.filterButton.classList.toggle("pg-on", filtering);
    fill(this.progress, hub.table.runs.map((run) => [
      run.simulated ? h("span", { class: "pg-badge", title: "drawn by the studio or the emulator, not by Bedrock" }, "simulated") : null,
      run.state === "done" ? null : h("span", { class: "pg-badge pg-live" }, run.text)]));
    const drawn = chosen.filter((row) => hub.table.isDrawn(row));
    fill(this.actions,
      button("Compare", () => hub.compare(), { title: `compare 2 to ${MOST} selected pictures (c)`, disabled: drawn.length < 2 || drawn.length > MOST }),
      chosen.length ? button("Clear", () => hub.clearSelection(), { title: "select nothing (Esc)" }) : null,
      button("Keys", () => hub.help(), { title: "what the keys do (?)" }));
  }
}
