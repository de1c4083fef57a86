import assert from "node:assert/strict";
import { test } from "node:test";
import { lay, neighbour, visibleLines } from "../../prodimg_lab/widgets/js/layout.js";
import { Table } from "../../prodimg_lab/widgets/js/table.js";
import { tableMessage } from "./fixtures.js";

function made(count, look, width = 900) {
  const of = (levels) => Array.from({ length: count }, (_, i) => levels[i % levels.length]);
  const seed = Array.from({ length: count }, (_, i) => `#${Math.min(3, Math.floor(i / 6))}`);
  const { header, buffers } = tableMessage({ levels: { lighting: of(["soft", "hard"]), angle: of(["a", "b", "c"]), seed } });
  const table = new Table(header, buffers);
  return [table, lay(table, Array.from({ length: count }, (_, i) => i), { size: 100, ...look }, width)];
}
const placed = (layout) => layout.lines.flatMap((line) => line.tiles.map(([row]) => row));

test("a flat layout places every row once, in order, inside the width", () => {
  const [, layout] = made(25, {});
  assert.deepEqual(placed(layout), Array.from({ length: 25 }, (_, i) => i));
  assert.equal(Math.max(...layout.lines.flatMap((line) => line.tiles.map(([, x]) => x + 100))), 900);
});

test("a pivot puts each row under its column and beside its row header", () => {
  const [table, layout] = made(24, { rows: "angle", columns: "lighting", supers: "seed" });
  assert.equal(placed(layout).length, 24);
  assert.deepEqual(layout.columns.map((column) => column.label), ["soft", "hard"]);
  assert.deepEqual(layout.sections.map((section) => section.label), ["#0", "#1", "#2", "#3"]);
  for (const line of layout.lines) {
    for (const [row, x] of line.tiles) {
      const column = layout.columns.find((each) => x >= each.x && x < each.x + each.width);
      assert.equal(column.label, table.level(row, "lighting"));
      const group = layout.groups.find((each) => line.y >= each.y && line.y < each.y + each.height);
      assert.equal(group.label, table.level(row, "angle"));
    }
  }
});

test("cells that hold several pictures grow downwards when there is no room beside", () => {
  const [, wide] = made(24, { rows: "angle" }, 1200);
  const [, narrow] = made(24, { rows: "angle" }, 320);
  assert.equal(placed(wide).length, 24);
  assert.equal(placed(narrow).length, 24);
  assert.ok(narrow.lines.length > wide.lines.length);
});

test("the window shows the lines that touch it, also among ten thousand pictures", () => {
  const [, layout] = made(10_000, {});
  const [first, last] = visibleLines(layout.lines, layout.lineHeight, 50_000, 50_600);
  assert.ok(layout.lines[first].y <= 50_000 && layout.lines[first].y + layout.lineHeight >= 50_000 - 1);
  assert.ok(layout.lines[last - 1].y <= 50_600);
  assert.ok(last - first <= 6);
});

test("a layout taller than a browser can scroll is scaled", () => {
  const [, layout] = made(1_000_000, {}, 500);
  assert.ok(layout.height / layout.scale <= 12_000_000);
});

test("arrow keys go along lines and columns and stop at the ends", () => {
  const [, layout] = made(20, {});
  const across = layout.lines[0].tiles.length;
  assert.equal(neighbour(layout, 0, "left"), 0);
  assert.equal(neighbour(layout, across - 1, "right"), across);
  assert.equal(neighbour(layout, 1, "down"), across + 1);
  assert.equal(neighbour(layout, across + 1, "up"), 1);
  assert.equal(neighbour(layout, 19, "down"), 19);
  assert.equal(neighbour(layout, 19, "right"), 19);
});
