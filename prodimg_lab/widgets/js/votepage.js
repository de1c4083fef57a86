// The page for colleagues: pairs and pictures are in it, votes stay in the browser until they are saved as a file.
import { button, fill, h } from "./dom.js";
import { PairView } from "./pairview.js";

const data = JSON.parse(document.getElementById("vote-data").textContent);
const el = document.getElementById("vote");
const key = `prodimg-votes:${data.run_id}`;
const memory = {
  load() { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } },
  save(value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a private window keeps nothing */ } },
};
const kept = memory.load();
let rater = kept.rater ?? "";
let votes = kept.votes ?? [];

const name = h("input", { type: "text", class: "pg-search", "aria-label": "your name", placeholder: "your name", value: rater });
const save = button("Save votes", () => download(), { "aria-label": null });
const box = h("div", {});
fill(el, h("div", { class: "pg-toolbar pg-row" }, h("label", { class: "pg-field" }, h("span", {}, "Your name"), name), save,
  data.simulated ? h("span", { class: "pg-badge" }, "simulated pictures") : null,
  h("span", { class: "pg-muted" }, "Send the saved file back; nothing leaves this page by itself.")), box);
name.addEventListener("change", () => { rater = name.value.trim(); keep(); });

function keep() {
  memory.save({ rater, votes });
  save.disabled = !votes.length;
}

function current() {
  const done = new Set(votes.map((vote) => `${vote.left}/${vote.right}`));
  const place = data.pairs.findIndex((pair) => !done.has(`${pair.left}/${pair.right}`));
  const progress = { mine: votes.length, text: `${data.pairs.length - votes.length} to go` };
  if (place < 0) return { pair: null, title: "", urls: [], progress };
  const { left, right, title } = data.pairs[place];
  return { pair: `${place}`, title, urls: [data.pictures[left], data.pictures[right]], progress };
}

function vote(pair, choice, seconds) {
  const { left, right } = data.pairs[Number(pair)];
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  votes = [...votes, { vote_id: id, left, right, choice, at: new Date().toISOString(), seconds: Math.round(seconds * 100) / 100 }];
  keep();
  return Promise.resolve(current());
}

function undo() {
  votes = votes.slice(0, -1);
  keep();
  return Promise.resolve(current());
}

function download() {
  if (!rater) {
    name.focus();
    return;
  }
  const text = JSON.stringify({ kind: "prodimg-votes", version: 1, run_id: data.run_id, rater, votes }, null, 1);
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: `votes-${data.run_id}-${rater.replace(/[^\w-]+/g, "-")}.json` });
  document.body.append(link);
  link.click();
  link.remove();
}

keep();
new PairView(box, { next: () => Promise.resolve(current()), vote, undo });
