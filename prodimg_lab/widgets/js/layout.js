// Where does every picture lie? Pure arithmetic in pixels; nothing here touches the page.

export const GAP = 10;
export const CAPTION = 54; // figures and two lines of words
export const FIGURES = 24; // figures only
export const HEADER = 30; // of columns
export const SIDE = 132; // of row headers
const SECTION = 34;
const GROUP_GAP = 8;
const MAX_HEIGHT = 12_000_000; // browsers stop near 33 million; beyond this the scroll bar stands for more than it is long

/**
 * Lay rows out. `look`: size (edge of a tile), rows, columns, supers (factor names or ""); `caption` is pixels.
 * Returns {height, width, lines, sections, groups, columns, slots}: a line is {y, tiles: [[row, x]]}, a section and a group
 * {y, height, label}, a column {x, width, label}. `slots` maps a row to [line, place].
 */
export function lay(table, rows, look, width, caption = CAPTION) {
  const build = new Build(table, rows, look, width, caption);
  for (const [label, part] of split(table, rows, look.supers)) {
    build.section(label);
    build.part(part);
    build.endSection();
  }
  return build.done();
}

class Build {
  constructor(table, rows, look, width, caption) {
    this.table = table;
    this.look = look;
    this.size = look.size;
    this.step = look.size + GAP;
    this.lineHeight = look.size + caption + GAP;
    this.width = Math.max(width, this.step);
    this.isPivot = Boolean(look.rows || look.columns);
    this.side = look.rows ? SIDE : 0;
    this.y = this.isPivot && look.columns ? HEADER : 0;
    this.lines = [];
    this.sections = [];
    this.groups = [];
    this.columns = null;
    if (this.isPivot) this.setColumns(rows);
  }

  section(label) {
    if (!label) return;
    this.sections.push({ y: this.y, height: 0, label });
    this.y += SECTION;
  }

  endSection() {
    const section = this.sections.at(-1);
    if (this.look.supers && section) section.height = this.y - section.y;
  }

  part(rows) {
    if (!this.isPivot) return this.flat(rows);
    for (const [label, group] of split(this.table, rows, this.look.rows)) this.group(label, group);
  }

  flat(rows) {
    const across = Math.max(1, Math.floor((this.width + GAP) / this.step));
    const step = across > 1 ? (this.width - this.size) / (across - 1) : this.step; // flush with both edges
    for (let i = 0; i < rows.length; i += across) {
      this.line(rows.slice(i, i + across).map((row, place) => [row, Math.floor(place * step)]));
    }
  }

  /** Columns are the same in every section, so that they stand one below the other. */
  setColumns(rows) {
    const levels = this.look.columns ? split(this.table, rows, this.look.columns).map(([label]) => label) : [""];
    const most = mostInACell(this.table, rows, this.look);
    const room = Math.floor((this.width - this.side - levels.length * GAP) / levels.length / this.step);
    this.across = Math.max(1, Math.min(most, room));
    const wide = this.across * this.step;
    this.columns = levels.map((label, i) => ({ x: this.side + i * (wide + GAP), width: wide - GAP, label }));
    this.place = new Map(levels.map((label, i) => [label, i]));
  }

  group(label, rows) {
    const cells = this.columns.map(() => []);
    for (const row of rows) cells[this.look.columns ? this.place.get(this.table.level(row, this.look.columns)) : 0].push(row);
    const deep = Math.max(...cells.map((cell) => Math.ceil(cell.length / this.across)));
    const top = this.y;
    for (let i = 0; i < deep; i++) {
      const tiles = [];
      cells.forEach((cell, c) => {
        cell.slice(i * this.across, (i + 1) * this.across)
          .forEach((row, place) => tiles.push([row, this.columns[c].x + place * this.step]));
      });
      this.line(tiles);
    }
    this.y += GROUP_GAP;
    if (this.look.rows) this.groups.push({ y: top, height: this.y - top, label });
  }

  line(tiles) {
    this.lines.push({ y: this.y, tiles });
    this.y += this.lineHeight;
  }

  done() {
    const slots = new Map();
    this.lines.forEach((line, i) => line.tiles.forEach(([row], place) => slots.set(row, [i, place])));
    const last = this.columns?.at(-1);
    return {
      height: this.y, width: last ? last.x + last.width + GAP : this.width, lineHeight: this.lineHeight, side: this.side,
      lines: this.lines, sections: this.sections, groups: this.groups,
      columns: this.look.columns ? this.columns : [], slots, scale: Math.max(1, this.y / MAX_HEIGHT),
    };
  }
}

/** Rows by level of a factor, in the factor's order: [[label, rows]]; one nameless part without a factor. */
export function split(table, rows, name) {
  const factor = table.byName.get(name);
  if (!factor) return [["", rows]];
  const parts = new Map();
  for (const row of rows) {
    const place = factor.places[row];
    if (!parts.has(place)) parts.set(place, []);
    parts.get(place).push(row);
  }
  return [...parts.keys()].sort((a, b) => a - b).map((place) => [factor.levels[place], parts.get(place)]);
}

function mostInACell(table, rows, look) {
  const counts = new Map();
  for (const row of rows) {
    const key = [look.supers, look.rows, look.columns].map((name) => (name ? table.place(row, name) : 0)).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(1, ...counts.values());
}

/** The lines that touch the window from `top` to `bottom`: [first, after the last]. */
export function visibleLines(lines, lineHeight, top, bottom) {
  let low = 0, high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].y + lineHeight < top) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < lines.length && lines[end].y <= bottom) end++;
  return [low, end];
}

/** The row that an arrow key leads to from `row`: left and right in reading order, up and down to the nearest above or below. */
export function neighbour(layout, row, direction) {
  const slot = layout.slots.get(row);
  if (!slot) return layout.lines[0]?.tiles[0]?.[0] ?? null;
  const [line, place] = slot;
  const tiles = layout.lines[line].tiles;
  if (direction === "left") return tiles[place - 1]?.[0] ?? layout.lines[line - 1]?.tiles.at(-1)[0] ?? row;
  if (direction === "right") return tiles[place + 1]?.[0] ?? layout.lines[line + 1]?.tiles[0][0] ?? row;
  const next = layout.lines[line + (direction === "up" ? -1 : 1)];
  if (!next) return row;
  const x = tiles[place][1];
  return next.tiles.reduce((best, tile) => (Math.abs(tile[1] - x) < Math.abs(best[1] - x) ? tile : best))[0];
}
