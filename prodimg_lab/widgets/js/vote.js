// Blind pairs in a notebook: the kernel chooses, keeps who is who to itself, and writes every vote down.
import { fill, h } from "./dom.js";
import { Link } from "./link.js";
import { PairView } from "./pairview.js";
import { hideTwin } from "./twin.js";

export default {
  render({ model, el }) {
    el.classList.add("prodimg-grid");
    el.setAttribute("data-lm-suppress-shortcuts", "true");
    el.addEventListener("keydown", (event) => event.stopPropagation());
    const link = new Link(model);
    const urls = [];
    const ask = async (kind, content) => {
      const { message, buffers } = await link.ask(kind, content, { patience: 30_000 });
      urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
      urls.push(...buffers.map((data, i) => URL.createObjectURL(new Blob([data], { type: message.mimes[i] }))));
      const { votes, mine, settled, pairs } = message.progress;
      rater.value = message.rater;
      return { pair: message.pair, title: message.title, urls: [...urls], progress: { mine, text: `${votes} by all · ${settled} of ${pairs} pairs of variants settled` } };
    };
    const rater = h("input", { type: "text", class: "pg-search", "aria-label": "who votes" });
    const box = h("div", {});
    fill(el, h("div", { class: "pg-toolbar pg-row" }, h("label", { class: "pg-field" }, h("span", {}, "Who votes"), rater)), box);
    const view = new PairView(box, {
      next: () => ask("pair"), vote: (pair, choice, seconds) => ask("vote", { pair, choice, seconds }), undo: () => ask("undo"),
    });
    rater.addEventListener("change", () => view.take(ask("rater", { name: rater.value })));
    const showTwin = hideTwin(model.get("twin"));
    return () => {
      showTwin();
      urls.forEach((url) => URL.revokeObjectURL(url));
      link.close();
    };
  },
};
