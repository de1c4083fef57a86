// What stands beside a picture: its prompt by factor, its scores, the exact request?
import { button, copyText, fill, h } from "./dom.js";
import { wordDiff } from "./diff.js";

/** The prompt, each factor's words in its colour. `card.cut`: [text, mark, name, level] with mark, name, level optional. */
export function promptNode(card) {
  return h("p", { class: "pg-prompt" }, card.cut.map(([text, mark, name, level]) => (mark === undefined ? text
    : h("mark", { class: `pg-m${mark % 10}`, title: name === level || !level ? name : `${name}: ${level}` }, text))));
}

export function promptText(card) { return card.cut.map(([text]) => text).join(""); }

/** Which colour is which factor. */
export function legendNode(card, marks) {
  const used = [...new Set(card.cut.filter((part) => part.length > 1).map((part) => part[1]))];
  return h("ul", { class: "pg-legend" }, used.map((mark) => h("li", {}, h("mark", { class: `pg-m${mark % 10}` }, marks[mark]))));
}

/** How prompt `b` differs from prompt `a`. */
export function diffNode(a, b) {
  const tags = { same: "span", out: "del", in: "ins" };
  return h("p", { class: "pg-prompt" }, wordDiff(a, b).map(([kind, text]) => h(tags[kind], {}, text)));
}

/** Everything about one picture: figures, prompt, scores, request, and what can be done with it. */
export function cardNode(card, { marks, onaround }) {
  return h("div", { class: "pg-card" },
    h("h3", {}, card.variant),
    h("p", { class: "pg-muted" }, [card.title ? `${card.title} (${card.sku})` : card.sku, `seed ${card.request.seed}`, card.time, card.cost, card.run].filter(Boolean).join(" · ")),
    card.state === "done" ? null : h("p", { class: "pg-problem" }, h("b", {}, card.state), card.reason ? ` ${card.reason}` : null),
    h("section", {}, h("h4", {}, "Prompt"), promptNode(card), legendNode(card, marks),
      card.negative ? [h("h4", {}, "Without"), h("p", { class: "pg-prompt" }, card.negative)] : null),
    h("section", {}, h("h4", {}, "Scores, 5 is best"), scoresNode(card)),
    h("section", {}, h("h4", {}, "Request"), requestNode(card),
      h("div", { class: "pg-row" },
        copyButton("Copy as YAML", () => card.yaml),
        copyButton("Copy prompt", () => promptText(card)),
        button("Sweep around this one", onaround, { title: "an experiment that starts from this picture" }))));
}

function scoresNode(card) {
  if (!card.scores.length) return h("p", { class: "pg-muted" }, card.unscored || "not scored");
  const quality = card.quality === null ? ["quality", null, "–", "", card.unscored, ""] : ["quality", 20 * card.quality, card.quality.toFixed(2), "of 5", "", ""];
  const how = card.how ? h("p", { class: "pg-muted" }, card.how) : null;
  return h("div", {}, how, h("table", { class: "pg-table" }, h("tbody", {}, [quality, ...card.scores].map(([name, percent, figure, raw, detail, weight]) => h("tr", { title: detail },
    h("th", { scope: "row" }, name, weight ? h("small", { class: "pg-muted" }, ` × ${weight}`) : null),
    h("td", { class: "pg-meter" }, percent === null ? null : h("i", { style: { width: `${percent}%` } })),
    h("td", { class: "pg-num" }, figure), h("td", { class: "pg-muted" }, percent === null ? detail || raw : raw))))));
}

function requestNode(card) {
  const lines = [...Object.entries(card.request), ["fingerprint", card.fingerprint.slice(0, 12)], ["picture", card.digest.slice(0, 12)]];
  return h("table", { class: "pg-table" }, h("tbody", {}, lines.filter(([, value]) => value !== "").map(([name, value]) => h("tr", {},
    h("th", { scope: "row" }, name), h("td", {}, String(value))))));
}

/** A button that copies and says so. */
export function copyButton(label, text) {
  const made = button(label, async () => {
    const done = await copyText(text());
    fill(made, done ? "Copied" : "Press Ctrl+C");
    setTimeout(() => fill(made, label), 1500);
  });
  return made;
}
