// How do any number of pictures scroll? Only the tiles in the window and a little around it are on the page.
import { fill, h } from "./dom.js";
import { HEADER, visibleLines } from "./layout.js";
import { paintTile, tileNode } from "./tile.js";

const OVERSCAN = 0.35; // windows of tiles above and below
const AHEAD = 3; // windows of thumbnails asked for in the direction of scrolling

export class Board {
  /** `hub` holds table, layout, look, thumbs, selected, active; its `open`, `activate`, `toggle` are called on clicks. */
  constructor(hub) {
    this.hub = hub;
    this.nodes = new Map();
    this.direction = 1;
    this.lastTop = 0;
    this.list = h("div", {
      class: "pg-list", role: "listbox", "aria-multiselectable": "true", "aria-label": "Pictures", tabindex: "0",
    });
    this.columns = h("div", { class: "pg-columns", "aria-hidden": "true" });
    this.labels = h("div", { class: "pg-labels", "aria-hidden": "true" });
    this.canvas = h("div", { class: "pg-canvas" }, this.columns, this.labels, this.list);
    this.empty = h("p", { class: "pg-empty", hidden: true });
    this.scroller = h("div", { class: "pg-scroll" }, this.canvas, this.empty);
    this.scroller.addEventListener("scroll", () => this.onscroll(), { passive: true });
    this.list.addEventListener("click", (event) => this.onclick(event));
    this.list.addEventListener("focus", () => {
      if (hub.active === null) hub.active = this.firstInSight();
      this.paint();
    });
  }

  /** A new layout: everything is placed again. The active picture, if there is one, stays in view. */
  place() {
    const { layout } = this.hub;
    this.canvas.style.height = `${Math.ceil(layout.height / layout.scale)}px`;
    this.canvas.style.width = `${layout.width}px`;
    this.columns.hidden = layout.columns.length === 0;
    this.columns.style.height = `${HEADER}px`;
    fill(this.columns, layout.side ? h("div", { class: "pg-corner", style: { width: `${layout.side - 10}px` } }) : null,
      layout.columns.map((column) => h("div", {
        class: "pg-column", title: column.label, style: { left: `${column.x}px`, width: `${column.width}px` },
      }, column.label)));
    this.nodes.forEach((node) => node.remove());
    this.nodes.clear();
    if (this.hub.active !== null) this.reveal(this.hub.active);
    this.draw();
  }

  /** Pixels of the layout at the top of the window. */
  get top() {
    const { layout } = this.hub;
    if (layout.scale === 1) return this.scroller.scrollTop;
    const room = Math.max(1, layout.height / layout.scale - this.scroller.clientHeight);
    return (this.scroller.scrollTop / room) * (layout.height - this.scroller.clientHeight);
  }

  onscroll() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const top = this.top;
      if (top !== this.lastTop) this.direction = top > this.lastTop ? 1 : -1;
      this.lastTop = top;
      this.draw();
    });
  }

  /** Bring the page in line with what should be seen now. */
  draw() {
    const { layout, thumbs } = this.hub;
    const height = this.scroller.clientHeight || 640;
    const top = this.top, offset = top - this.scroller.scrollTop;
    const window = (from, to) => visibleLines(layout.lines, layout.lineHeight, top + from * height, top + to * height);
    const [first, last] = window(-OVERSCAN, 1 + OVERSCAN);
    const wanted = new Set();
    for (let i = first; i < last; i++) {
      for (const [row, x] of layout.lines[i].tiles) {
        wanted.add(row);
        this.tile(row, x, layout.lines[i].y - offset);
      }
    }
    for (const [row, node] of this.nodes) {
      if (wanted.has(row)) continue;
      node.remove();
      this.nodes.delete(row);
    }
    this.drawLabels(top, height, offset);
    const [ahead, behind] = this.direction > 0 ? [window(1, 1 + AHEAD), window(-1, 0)] : [window(-AHEAD, 0), window(1, 2)];
    const coming = this.rowsOf(ahead);
    if (this.direction < 0) coming.reverse();
    thumbs.want(this.rowsOf(window(0, 1)), [...coming, ...this.rowsOf(behind)]);
  }

  rowsOf([first, last]) {
    return this.hub.layout.lines.slice(first, last).flatMap((line) => line.tiles.map(([row]) => row));
  }

  tile(row, x, y) {
    let node = this.nodes.get(row);
    if (!node) {
      node = tileNode(this.hub, row);
      this.nodes.set(row, node);
      paintTile(this.hub, row, node);
      this.list.append(node);
    }
    node.style.transform = `translate(${x}px, ${y}px)`;
  }

  drawLabels(top, height, offset) {
    const { layout, look } = this.hub;
    const seen = (each) => each.y < top + 2 * height && each.y + each.height > top - height;
    const head = layout.columns.length ? HEADER : 0;
    const label = (kind, each, stick) => h("div", {
      class: `pg-band pg-${kind}`, style: { top: `${each.y - offset}px`, height: `${each.height}px` },
    }, h("div", { class: "pg-label", title: each.label, style: { top: `${stick}px`, maxWidth: kind === "group" ? `${layout.side - 16}px` : "" } },
      kind === "section" ? h("small", {}, `${look.supers} `) : null, each.label));
    fill(this.labels,
      layout.sections.filter(seen).map((each) => label("section", each, head)),
      layout.groups.filter(seen).map((each) => label("group", each, head + (layout.sections.length ? 34 : 0))));
  }

  /** Paint again the tiles of some rows, or of all. */
  paint(rows = null) {
    for (const row of rows ?? this.nodes.keys()) {
      const node = this.nodes.get(row);
      if (node) paintTile(this.hub, row, node);
    }
    const active = this.nodes.get(this.hub.active);
    if (active) this.list.setAttribute("aria-activedescendant", active.id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  /** Scroll so that a row is in the window. */
  reveal(row) {
    const { layout } = this.hub;
    const slot = layout.slots.get(row);
    if (!slot) return;
    const y = layout.lines[slot[0]].y;
    const above = (layout.columns.length ? HEADER : 0) + (layout.sections.length ? 34 : 0);
    const height = this.scroller.clientHeight;
    const size = layout.lineHeight - 4;
    let top = this.top;
    if (y - above < top) top = y - above;
    else if (y + size > top + height) top = y + size - height + 6;
    else return;
    const room = Math.max(1, layout.height - height);
    this.scroller.scrollTop = layout.scale === 1 ? top : (top / room) * (layout.height / layout.scale - height);
    this.draw();
  }

  /** The first row whose picture is whole in the window; null when there is none. */
  firstInSight() {
    const { lines } = this.hub.layout;
    const line = lines.find((each) => each.y >= this.top) ?? lines.at(-1);
    return line ? line.tiles[0][0] : null;
  }

  say(text) {
    this.empty.hidden = !text;
    fill(this.empty, text);
  }

  onclick(event) {
    const node = event.target.closest(".pg-tile");
    if (!node) return;
    const row = Number(node.dataset.row);
    this.list.focus({ preventScroll: true });
    if (event.shiftKey) this.hub.extendTo(row);
    else if (event.ctrlKey || event.metaKey || event.target.closest(".pg-check, .pg-caption")) this.hub.toggle(row);
    else {
      this.hub.activate(row);
      if (event.target.closest(".pg-frame")) this.hub.open(row);
    }
  }

  close() {
    if (this.frame) cancelAnimationFrame(this.frame);
  }
}
