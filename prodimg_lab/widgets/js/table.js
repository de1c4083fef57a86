// What does the grid know of every trial? Columns of numbers, as the kernel sent them; pictures and prompts come later.

export const STATES = ["planned", "sent", "done", "refused", "failed", "uncertain", "skipped"];
export const DONE = STATES.indexOf("done");
export const CHOICES = ["", "keep", "drop"];
export const PLAN = "plan";
export const STARS = "stars";

export class Table {
  /**
   * `header`: count, runs, factors [{name, levels}], scorers, marks. Buffers, little-endian: places (Uint16, factor by
   * factor), states (Uint8), stars (Uint8, tenths, 0 = none), choices (Uint8), values (Float32, scorer by scorer).
   */
  constructor(header, buffers) {
    const [places, states, stars, choices, values] = buffers.map(bytesOf);
    const n = header.count;
    this.count = n;
    this.runs = header.runs;
    this.marks = header.marks;
    this.scorers = header.scorers;
    this.factors = header.factors.map((factor, i) => ({ ...factor, places: new Uint16Array(places, 2 * n * i, n) }));
    this.byName = new Map(this.factors.map((factor) => [factor.name, factor]));
    this.states = new Uint8Array(states, 0, n);
    this.stars = new Uint8Array(stars, 0, n);
    this.choices = new Uint8Array(choices, 0, n);
    this.values = new Map(header.scorers.map((name, i) => [name, new Float32Array(values, 4 * n * i, n)]));
  }

  /** Take in what became of some trials: {rows, states, stars, choices, values: [per row [per scorer or null]]}. */
  apply(change) {
    change.rows.forEach((row, i) => {
      this.states[row] = change.states[i];
      this.stars[row] = change.stars[i];
      this.choices[row] = change.choices[i];
      this.scorers.forEach((name, k) => { this.values.get(name)[row] = change.values[i][k] ?? NaN; });
    });
    if (change.runs) this.runs = change.runs;
  }

  isDrawn(row) { return this.states[row] === DONE; }

  level(row, name) {
    const factor = this.byName.get(name);
    return factor ? factor.levels[factor.places[row]] : "";
  }

  place(row, name) {
    const factor = this.byName.get(name);
    return factor ? factor.places[row] : 0;
  }

  /** The number by which `key` sorts a row: a scorer, stars, a factor's place, or the plan; NaN where there is none. */
  number(row, key) {
    if (key === PLAN) return row;
    if (key === STARS) return this.stars[row] ? this.stars[row] / 10 : NaN;
    if (this.values.has(key)) return this.values.get(key)[row];
    return this.byName.has(key) ? this.place(row, key) : NaN;
  }

  /** The factors of which the given rows have more than one level. */
  varying(rows = null) {
    const asked = rows ?? Array.from({ length: this.count }, (_, i) => i);
    return this.factors.filter((factor) => asked.some((row) => factor.places[row] !== factor.places[asked[0]]));
  }
}

/** The rows to show, in order. `found`: the rows that a search found (a Set), or null. */
export function arrange(table, look, found = null) {
  const hidden = table.factors
    .map((factor) => [factor, new Set((look.hide?.[factor.name] ?? []).map((level) => factor.levels.indexOf(level)))])
    .filter(([, levels]) => levels.size);
  const states = new Set((look.hide?.state ?? []).map((state) => STATES.indexOf(state)));
  const ranges = Object.entries(look.ranges ?? {});
  const rows = [];
  for (let row = 0; row < table.count; row++) {
    if (states.has(table.states[row]) || (found && !found.has(row))) continue;
    if (hidden.some(([factor, levels]) => levels.has(factor.places[row]))) continue;
    if (!isRated(table, row, look.rated ?? "any")) continue;
    if (ranges.some(([key, [low, high]]) => !inRange(table.number(row, key), low, high))) continue;
    rows.push(row);
  }
  const { sort = PLAN, descending = false } = look;
  if (sort !== PLAN || descending) rows.sort((a, b) => order(table, a, b, sort, descending ? -1 : 1));
  return rows;
}

function order(table, a, b, key, direction) {
  const x = table.number(a, key), y = table.number(b, key);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y) || a - b;
  return direction * (x - y) || a - b;
}

function isRated(table, row, wanted) {
  if (wanted === "rated") return table.stars[row] > 0;
  if (wanted === "unrated") return table.stars[row] === 0;
  if (wanted === "keep" || wanted === "drop") return CHOICES[table.choices[row]] === wanted;
  return true;
}

function inRange(value, low, high) {
  return (low === null || value >= low) && (high === null || value <= high);
}

/** Lowest and highest value of a scorer among rows; null when none has one. */
export function span(table, rows, key) {
  let low = Infinity, high = -Infinity;
  for (const row of rows) {
    const value = table.number(row, key);
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === Infinity ? null : [low, high];
}

function bytesOf(view) {
  if (view instanceof ArrayBuffer) return view;
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength); // aligned, so that it may be viewed as numbers
}
