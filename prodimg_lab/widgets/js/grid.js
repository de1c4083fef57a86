// The grid of a run's pictures: joins table, layout, board, dialogs; the only module that knows the widget's traits.
import { Board } from "./board.js";
import { openAround } from "./around.js";
import { MOST, openCompare } from "./compare.js";
import { openDialog } from "./dialog.js";
import { fill, h, passOn } from "./dom.js";
import { CAPTION, FIGURES, lay, neighbour } from "./layout.js";
import { openLightbox } from "./lightbox.js";
import { Link, Pictures, Thumbnails } from "./link.js";
import { hideTwin } from "./twin.js";
import { arrange, CHOICES, span, Table } from "./table.js";
import { Toolbar } from "./toolbar.js";

const KEYS = [
  ["arrows, Home, End, Page", "move"], ["Enter", "open large"], ["Space", "select"], ["Shift + arrows", "select more"], ["Ctrl + A", "select all that is shown"],
  ["1 … 5", "rate; 0 takes it back"], ["k, d, u", "keep, drop, undecided"], ["c", "compare what is selected"], ["/", "search"], ["?", "these keys"],
  ["Esc", "select nothing; close what is open"], ["large: + and −, f", "zoom, fit the window"],
];
const MOVES = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export class Hub {
  constructor(model, el, table, link) {
    Object.assign(this, { model, el, table, link });
    this.id = `pg-${link.view}`;
    this.look = { size: 168, score: table.scorers[0] ?? "", ...model.get("look") };
    this.selected = new Set(model.get("selected"));
    this.active = null;
    this.anchor = null;
    this.found = null;
    this.rows = [];
    this.cards = new Map();
    this.watchers = new Set();
    this.thumbs = new Thumbnails(link, (rows) => this.board.paint(rows));
    this.pictures = new Pictures(link);
    this.varying = table.varying();
    this.board = new Board(this);
    this.toolbar = new Toolbar(this);
    this.board.list.addEventListener("keydown", (event) => this.onkey(event));
    fill(el, this.toolbar.el, this.board.scroller);
    this.board.scroller.style.height = `${model.get("height")}px`;
    this.arrange();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.board.scroller);
  }

  /** Which rows, in which order, and where. */
  arrange() {
    this.rows = arrange(this.table, this.look, this.found);
    this.limits = span(this.table, this.rows, this.look.score);
    this.lay();
    this.toolbar.paint();
    this.board.say(this.rows.length ? "" : this.table.count ? "nothing fits the search and the filters" : "this run has no trials");
  }

  lay() {
    this.width = this.board.scroller.clientWidth || 900;
    const said = [this.look.rows, this.look.columns, this.look.supers];
    const caption = this.varying.some((factor) => !said.includes(factor.name)) ? CAPTION : FIGURES;
    this.layout = lay(this.table, this.rows, this.look, this.width - 16, caption);
    this.rows = this.layout.lines.flatMap((line) => line.tiles.map(([row]) => row)); // as they are read on the page
    this.order = new Map(this.rows.map((row, i) => [row, i + 1]));
    if (!this.order.has(this.active)) this.active = null;
    this.board.place();
    this.board.paint();
  }

  resize() {
    if (Math.abs(this.board.scroller.clientWidth - this.width) > 1) this.lay();
    else this.board.draw();
  }

  change(part) {
    this.look = { ...this.look, ...part };
    this.model.set("look", this.look);
    this.model.save_changes();
    this.arrange();
  }

  position(row) { return this.order.get(row) ?? 0; }

  /** Where a row's score lies: of 5 as a bar, between the lowest and the highest shown as heat; null without one. */
  share(row) {
    const value = this.table.number(row, this.look.score);
    if (Number.isNaN(value) || !this.limits) return null;
    if (this.look.overlay === "bars") return value / 5; // as in the large view: a full bar is 5
    const [low, high] = this.limits;
    return high > low ? (value - low) / (high - low) : 0.5;
  }

  activate(row) {
    const before = this.active;
    this.active = this.anchor = row;
    this.board.reveal(row);
    this.board.paint([before, row]);
  }

  select(rows) {
    const changed = new Set([...this.selected, ...rows]);
    this.selected = new Set(rows);
    this.model.set("selected", [...this.selected].sort((a, b) => a - b));
    this.model.save_changes();
    this.board.paint(changed);
    this.toolbar.paint();
  }

  toggle(row) {
    const rows = new Set(this.selected);
    if (!rows.delete(row)) rows.add(row);
    this.activate(row);
    this.select(rows);
  }

  extendTo(row) {
    const [from, to] = [this.position(this.anchor ?? row) - 1, this.position(row) - 1].sort((a, b) => a - b);
    const anchor = this.anchor;
    this.activate(row);
    this.anchor = anchor;
    this.select([...this.selected, ...this.rows.slice(from, to + 1)]);
  }

  clearSelection() { this.select([]); }

  onkey(event) {
    const page = Math.max(1, Math.floor(this.board.scroller.clientHeight / this.layout.lineHeight));
    const jump = (count, way) => { let row = this.active; for (let i = 0; i < count; i++) row = neighbour(this.layout, row, way); return row; };
    const keys = {
      Home: () => this.activate(this.rows[0]), End: () => this.activate(this.rows.at(-1)),
      PageDown: () => this.activate(jump(page, "down")), PageUp: () => this.activate(jump(page, "up")),
      Enter: () => this.open(this.active), " ": () => this.toggle(this.active), c: () => this.compare(),
      "/": () => this.toolbar.search.focus(), "?": () => this.help(), Escape: () => this.clearSelection(),
    };
    event.stopPropagation(); // the notebook has its own meaning for letters and digits
    if (this.active === null) this.active = this.board.firstInSight();
    if (this.active === null) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") this.select(this.rows);
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (MOVES[event.key]) {
      const next = neighbour(this.layout, this.active, MOVES[event.key]);
      if (event.shiftKey) this.extendTo(next);
      else this.activate(next);
    } else if (keys[event.key]) keys[event.key]();
    else if (!this.judge(event.key, this.selected.has(this.active) ? [...this.selected] : [this.active])) return;
    event.preventDefault();
  }

  /** Rate with a key: shown at once, taken back when the kernel could not write it down. Whether the key means that. */
  judge(key, rows) {
    const choices = { k: "keep", d: "drop", u: "" };
    const given = /^[0-5]$/.test(key) ? { stars: Number(key) } : key in choices ? { choice: choices[key] } : null;
    if (!given) return false;
    const drawn = rows.filter((row) => this.table.isDrawn(row));
    if (!drawn.length) return true;
    const before = drawn.map((row) => [row, this.table.stars[row], this.table.choices[row]]);
    for (const row of drawn) {
      if ("stars" in given) this.table.stars[row] = 10 * given.stars;
      else this.table.choices[row] = CHOICES.indexOf(given.choice);
    }
    this.changed(drawn);
    this.link.ask("rate", { rows: drawn, ...given }).catch((error) => {
      for (const [row, stars, choice] of before) {
        this.table.stars[row] = stars;
        this.table.choices[row] = choice;
      }
      this.changed(drawn);
      this.warn(`not saved: ${error.message}`);
    });
    return true;
  }

  changed(rows) {
    this.board.paint(rows);
    this.watchers.forEach((watcher) => watcher(rows));
  }

  /** Be told of rows that changed; returns how to stop. */
  watch(watcher) {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  open(row) { openLightbox(this, row); }

  /** The selected pictures, as they are read on the page. */
  chosen() { return this.rows.filter((row) => this.selected.has(row) && this.table.isDrawn(row)); }

  canCompare() {
    const count = this.chosen().length;
    return count >= 2 && count <= MOST;
  }

  compare() {
    const rows = this.chosen();
    if (this.canCompare()) openCompare(this, rows);
    else this.warn(`select 2 to ${MOST} pictures to compare (space, or the tick at a picture); ${rows.length} are`);
  }

  async card(row) {
    if (!this.cards.has(row)) this.cards.set(row, this.link.ask("card", { row }).then(({ message }) => message.card));
    try {
      return await this.cards.get(row);
    } catch (error) {
      this.cards.delete(row);
      throw error;
    }
  }

  around(row) { return openAround(this, row); }

  async search(text) {
    const wanted = text.trim();
    this.asked = wanted;
    const found = wanted ? (await this.link.ask("search", { text: wanted })).message.rows : null;
    if (this.asked !== wanted) return;
    this.found = found && new Set(found);
    this.arrange();
  }

  help() {
    openDialog(this.el, { label: "Keys", kind: "text" }, h("h3", {}, "Keys"),
      h("table", { class: "pg-table" }, h("tbody", {}, KEYS.map(([keys, what]) => h("tr", {}, h("th", { scope: "row" }, keys), h("td", {}, what))))));
  }

  warn(text) {
    const note = h("div", { class: "pg-toast", role: "alert" }, text);
    this.el.append(note);
    setTimeout(() => note.remove(), 5000);
  }

  /** The kernel tells what became of trials. */
  push(message) {
    if (message.kind !== "changes") return;
    this.table.apply(message);
    this.thumbs.forget(message.rows);
    message.rows.forEach((row) => this.cards.delete(row));
    this.changed(message.rows);
    const { sort = "plan", hide, ranges, rated = "any" } = this.look;
    const isTouched = sort !== "plan" || hide?.state?.length || Object.keys(ranges ?? {}).length || rated !== "any";
    if (isTouched) this.arrange();
    else {
      this.limits = span(this.table, this.rows, this.look.score);
      this.board.draw();
      this.toolbar.paint();
    }
  }

  close() {
    this.observer.disconnect();
    this.board.close();
    this.thumbs.clear();
    this.pictures.clear();
  }
}

export default {
  render({ model, el }) {
    el.classList.add("prodimg-grid");
    el.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys would edit the notebook
    el.addEventListener("keydown", (event) => event.stopPropagation());
    el.addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key === "s") passOn(event); }, true);
    fill(el, h("p", { class: "pg-empty", role: "status" }, "loading …"));
    const queue = [];
    const showTwin = hideTwin(model.get("twin")); // before it is painted
    let hub = null, isClosed = false;
    const link = new Link(model, { onpush: (message) => (hub ? hub.push(message) : queue.push(message)) });
    const onlook = () => {
      if (!hub || JSON.stringify({ ...hub.look, ...model.get("look") }) === JSON.stringify(hub.look)) return;
      hub.change(model.get("look"));
      hub.toolbar.build();
    };
    const onheight = () => { if (hub) hub.board.scroller.style.height = `${model.get("height")}px`; };
    link.ask("table", {}, { patience: 30_000 }).then(({ message, buffers }) => {
      if (isClosed) return;
      hub = new Hub(model, el, new Table(message.table, buffers), link);
      queue.forEach((each) => hub.push(each));
      model.on("change:look", onlook);
      model.on("change:height", onheight);
    }, (error) => {
      showTwin();
      fill(el, h("p", { class: "pg-empty", role: "alert" }, `${error.message} The still pictures below need none.`));
    });
    return () => {
      isClosed = true;
      showTwin();
      model.off("change:look", onlook);
      model.off("change:height", onheight);
      hub?.close();
      link.close();
    };
  },
};
