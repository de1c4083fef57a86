import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { page, revoked, settle, stubModel, tableMessage } from "./fixtures.js";

let window;
beforeEach(() => { window = page(); });

const EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>";

async function shown({ count = 12, answers = {}, look = {}, ...columns } = {}) {
  const { default: widget } = await import("../../prodimg_lab/widgets/js/grid.js");
  const of = (levels) => Array.from({ length: count }, (_, i) => levels[i % levels.length]);
  const { header, buffers } = tableMessage({
    levels: { lighting: of(["soft", "hard"]), product: of([EVIL, "bowl", "lamp"]) },
    values: { quality: Array.from({ length: count }, (_, i) => i / 10) }, ...columns,
  });
  const card = (row) => ({
    variant: `plain/${row}`, sku: "s", title: EVIL, cut: [["photo of "], [EVIL, 1, "product.subject", "x"], [`, light ${row}`, 0, "lighting", "soft"]],
    negative: EVIL, scores: [["fill", 80, "4.00", "0.7 share", EVIL]], quality: 4, unscored: "", request: { seed: 7 + row }, fingerprint: "f".repeat(64),
    digest: "d".repeat(64), state: "done", reason: "", time: "1 s", cost: "$0.04", run: "r1", yaml: `seed: ${7 + row}\n`,
  });
  const model = stubModel({ look, selected: [], height: 600, twin: "t1" }, {
    table: () => [{ table: header }, buffers],
    tiles: ({ rows }) => [{ rows, alts: rows.map(() => EVIL), problems: rows.map(() => EVIL) }, rows.map(() => new DataView(new ArrayBuffer(8)))],
    picture: () => [{ mime: "image/png" }, [new DataView(new ArrayBuffer(8))]],
    card: ({ row }) => [{ card: card(row) }],
    search: () => [{ rows: [1, 2] }], rate: () => [{}], around: () => [{ yaml: "name: x" }],
    make_around: () => [{ file: "experiments/x/experiment.yaml", next: "prodimg plan x" }], ...answers,
  });
  const el = window.document.createElement("div");
  window.document.body.append(el);
  const close = widget.render({ model, el });
  await settle();
  await settle();
  const press = (key, more = {}) => (el.querySelector("dialog") ?? el.querySelector(".pg-list")).dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  return { el, model, close, press, tiles: () => [...el.querySelectorAll(".pg-tile")] };
}

test("tiles carry the prompt as alternative text, and text is never markup", async () => {
  const { el, tiles } = await shown();
  assert.equal(tiles().length, 12);
  assert.equal(tiles()[0].querySelector("img").alt, EVIL);
  assert.ok(el.textContent.includes("<script>"));
  assert.equal(el.querySelectorAll("script, img[onerror]").length, 0);
});

test("a rating is shown at once and sent", async () => {
  const { model, press, tiles } = await shown();
  press("ArrowRight");
  press("4");
  assert.equal(tiles()[1].querySelector(".pg-stars").textContent, "★★★★");
  press("k");
  assert.deepEqual(model.sent.filter(({ kind }) => kind === "rate").map(({ rows, stars, choice }) => [rows, stars, choice]), [[[1], 4, undefined], [[1], undefined, "keep"]]);
});

test("a rating that the kernel could not write down is taken back, with the reason", async () => {
  const { el, press, tiles } = await shown({ answers: { rate: () => { throw new Error("no room left"); } } });
  press("5");
  await settle();
  assert.equal(tiles()[0].querySelector(".pg-stars"), null);
  assert.match(el.querySelector(".pg-toast").textContent, /no room left/);
});

test("selection by keys, and compare refuses fewer than two", async () => {
  const { el, model, press } = await shown();
  press("c");
  assert.match(el.querySelector(".pg-toast").textContent, /select 2 to 4/);
  press(" ");
  press("ArrowRight", { shiftKey: true });
  assert.deepEqual(model.get("selected"), [0, 1]);
  press("c");
  await settle();
  const dialog = el.querySelector("dialog.pg-compare");
  assert.deepEqual([...dialog.querySelectorAll("del")].map((node) => node.textContent), ["0"]);
  assert.deepEqual([...dialog.querySelectorAll("ins")].map((node) => node.textContent), ["1"]);
  dialog.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  assert.equal(el.querySelector("dialog"), null);
});

test("the lightbox steps through the pictures, keeps the zoom, shows the words of each factor and the request", async () => {
  const { el, press } = await shown();
  press("Enter");
  await settle();
  const dialog = el.querySelector("dialog.pg-lightbox");
  const transform = () => dialog.querySelector(".pg-stage img").style.transform;
  press("+");
  const zoomed = transform();
  assert.match(zoomed, /scale\(1\.5\)/);
  press("ArrowRight");
  await settle();
  assert.equal(transform(), zoomed);
  assert.match(dialog.textContent, /2 of 12/);
  assert.deepEqual([...dialog.querySelectorAll(".pg-prompt mark")].map((mark) => mark.title), ["product.subject: x", "lighting: soft"]);
  assert.match(dialog.textContent, /seed8/);
  assert.equal(dialog.querySelectorAll("script").length, 0);
});

test("the large view rates by mouse, selects by space, and goes on to the comparison", async () => {
  const { el, model, press } = await shown();
  press("Enter");
  await settle();
  const named = (name) => [...el.querySelectorAll("dialog button")].find((node) => node.title.startsWith(name));
  named("4 of 5").click();
  named("keep").click();
  assert.equal(named("4 of 5").getAttribute("aria-pressed"), "true");
  named("4 of 5").click();
  const sent = model.sent.filter(({ kind }) => kind === "rate").map(({ stars, choice }) => stars ?? choice);
  assert.deepEqual(sent, [4, "keep", 0]);
  press(" ");
  press("ArrowRight");
  await settle();
  press(" ");
  assert.deepEqual(model.get("selected"), [0, 1]);
  press("c");
  await settle();
  assert.ok(el.querySelector("dialog.pg-compare"));
  assert.equal(el.querySelector("dialog.pg-lightbox"), null);
});

test("space on a button that has the focus presses it and selects nothing", async () => {
  const { el, model, press } = await shown();
  press("Enter");
  await settle();
  const button = el.querySelector("dialog.pg-lightbox button");
  button.dispatchEvent(new window.KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
  assert.deepEqual(model.get("selected"), []);
});

test("a bar is of 5, whatever the others have", async () => {
  const { tiles } = await shown({ look: { overlay: "bars", score: "quality" } });
  assert.equal(tiles()[10].querySelector(".pg-bar i").style.width, "20%");
});

test("an experiment around a picture is made by a button, which says where it is", async () => {
  const { el, press } = await shown();
  press("Enter");
  await settle();
  [...el.querySelectorAll("button")].find((node) => node.title.startsWith("an experiment that starts")).click();
  await settle();
  [...el.querySelectorAll("button")].find((node) => node.textContent === "Make the experiment").click();
  await settle();
  assert.match(el.textContent, /made: experiments\/x\/experiment.yaml · next: prodimg plan x/);
});

test("saving is handed on to the notebook, other keys are not", async () => {
  const { press } = await shown();
  const heard = [];
  window.document.body.addEventListener("keydown", (event) => { if (event.target === window.document.body) heard.push(event.key); });
  press("s", { ctrlKey: true });
  press("x", { ctrlKey: true });
  assert.deepEqual(heard, ["s"]);
});

test("refused and failed trials are visible as such, and unrated", async () => {
  const states = Array(12).fill(2);
  states[3] = 3;
  const { model, press, tiles } = await shown({ states, answers: { tiles: ({ rows }) => [{ rows, alts: rows.map(() => "p"), problems: rows.map((row) => (row === 3 ? "content filter" : "")) }, rows.map((row) => new DataView(new ArrayBuffer(row === 3 ? 0 : 8)))] } });
  assert.match(tiles()[3].textContent, /refused.*content filter/);
  for (let i = 0; i < 3; i++) press("ArrowRight");
  press("5");
  assert.equal(model.sent.filter(({ kind }) => kind === "rate").length, 0);
});

test("what the kernel tells later is shown", async () => {
  const { model, tiles } = await shown({ states: Array(12).fill(0), answers: { tiles: ({ rows }) => [{ rows, alts: rows.map(() => "p"), problems: rows.map(() => "") }, rows.map(() => new DataView(new ArrayBuffer(0)))] } });
  assert.match(tiles()[0].textContent, /waiting/);
  model.emit("msg:custom", { kind: "changes", rows: [0], states: [2], stars: [0], choices: [0], values: [[4.25]], runs: [] }, []);
  await settle();
  assert.match(tiles()[0].textContent, /4\.25/);
});

test("search, pivot and sort rearrange; the look is kept on the model", async () => {
  const { el, model } = await shown();
  const pick = (label, value) => {
    const box = [...el.querySelectorAll(".pg-field")].find((field) => field.textContent.startsWith(label)).querySelector("select");
    box.value = value;
    box.dispatchEvent(new window.Event("change"));
  };
  pick("Columns", "lighting");
  assert.deepEqual([...el.querySelectorAll(".pg-column")].map((node) => node.textContent), ["soft", "hard"]);
  pick("Sort", "quality");
  assert.equal(model.get("look").sort, "quality");
  assert.equal(model.get("look").descending, true);
  const search = el.querySelector(".pg-search");
  search.value = "mug";
  search.dispatchEvent(new window.Event("input"));
  await new Promise((resolve) => setTimeout(resolve, 260));
  assert.match(el.querySelector(".pg-count").textContent, /2 of 12/);
});

test("closing gives back every listener and picture, and shows the still page again", async () => {
  const { model, close } = await shown();
  assert.equal(window.document.head.querySelectorAll("style").length, 1);
  const before = revoked.length;
  close();
  assert.equal(model.count("msg:custom"), 0);
  assert.equal(model.count("change:look"), 0);
  assert.equal(revoked.length - before, 12);
  assert.equal(window.document.head.querySelectorAll("style").length, 0);
});

test("a kernel that does not answer is said, and the still page stays", async () => {
  const { el } = await shown({ answers: { table: () => { throw new Error("the kernel does not answer."); } } });
  assert.match(el.textContent, /does not answer.*still pictures below/);
  assert.equal(window.document.head.querySelectorAll("style").length, 0);
});
