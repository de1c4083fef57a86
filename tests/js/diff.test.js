import assert from "node:assert/strict";
import { test } from "node:test";
import { wordDiff } from "../../prodimg_lab/widgets/js/diff.js";

const side = (diff, gone) => diff.filter(([kind]) => kind !== gone).map(([, text]) => text).join("");

test("a diff joins to either text again and marks only the words that differ", () => {
  const a = "photo of a red mug, soft light", b = "photo of a blue mug, hard light";
  const diff = wordDiff(a, b);
  assert.equal(side(diff, "in"), a);
  assert.equal(side(diff, "out"), b);
  assert.deepEqual(diff.filter(([kind]) => kind === "out").map(([, text]) => text), ["red", "soft"]);
});

test("equal, empty and foreign texts", () => {
  assert.deepEqual(wordDiff("a b", "a b"), [["same", "a b"]]);
  assert.deepEqual(wordDiff("", "x"), [["in", "x"]]);
  assert.equal(side(wordDiff("Teekanne aus Weißglas", "Teekanne, Steingut"), "out"), "Teekanne, Steingut");
});
