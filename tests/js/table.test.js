import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, Table } from "../../prodimg_lab/widgets/js/table.js";
import { tableMessage } from "./fixtures.js";

const { header, buffers } = tableMessage({
  levels: { lighting: ["soft", "hard", "soft", "hard", "soft"], angle: ["front", "front", "side", "side", "front"] },
  states: [2, 2, 3, 2, 0], values: { quality: [3, 5, null, 1, null] }, stars: [40, 0, 0, 25, 0], choices: [1, 0, 0, 2, 0],
});
const table = () => new Table(header, buffers);

test("columns are read as they were packed", () => {
  const t = table();
  assert.deepEqual([0, 1, 2, 3, 4].map((row) => t.level(row, "angle")), ["front", "front", "side", "side", "front"]);
  assert.equal(t.number(1, "quality"), 5);
  assert.ok(Number.isNaN(t.number(2, "quality")));
  assert.equal(t.number(3, "stars"), 2.5);
  assert.equal(t.isDrawn(2), false);
});

test("rows come in plan order, and what has no value sorts last in both directions", () => {
  const t = table();
  assert.deepEqual(arrange(t, {}), [0, 1, 2, 3, 4]);
  assert.deepEqual(arrange(t, { sort: "quality" }), [3, 0, 1, 2, 4]);
  assert.deepEqual(arrange(t, { sort: "quality", descending: true }), [1, 0, 3, 2, 4]);
});

test("filters hide levels, states, ranges, ratings, and what a search did not find", () => {
  const t = table();
  assert.deepEqual(arrange(t, { hide: { lighting: ["hard"] } }), [0, 2, 4]);
  assert.deepEqual(arrange(t, { hide: { state: ["refused", "planned"] } }), [0, 1, 3]);
  assert.deepEqual(arrange(t, { ranges: { quality: [2, null] } }), [0, 1]);
  assert.deepEqual(arrange(t, { rated: "rated" }), [0, 3]);
  assert.deepEqual(arrange(t, { rated: "drop" }), [3]);
  assert.deepEqual(arrange(t, {}, new Set([4, 2])), [2, 4]);
});

test("changes are taken in, a missing score as no number", () => {
  const t = table();
  t.apply({ rows: [4], states: [2], stars: [10], choices: [1], values: [[4.5]] });
  assert.equal(t.number(4, "quality"), 4.5);
  t.apply({ rows: [4], states: [2], stars: [0], choices: [0], values: [[null]] });
  assert.ok(Number.isNaN(t.number(4, "quality")));
});

test("only factors with several levels vary", () => {
  assert.deepEqual(table().varying([0, 1]).map((factor) => factor.name), ["lighting"]);
});
