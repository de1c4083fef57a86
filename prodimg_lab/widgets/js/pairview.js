// Two pictures, nobody knows whose: how they are shown and chosen. The notebook and the page for colleagues share it.
import { button, fill, h } from "./dom.js";
import { Look, Stage } from "./stage.js";

const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie", t: "tie", b: "bad", ArrowUp: "bad" };

export class PairView {
  /** `source`: next(), vote(pair, choice, seconds), undo(): each gives {pair, title, urls, progress} or rejects. */
  constructor(el, source) {
    this.el = el;
    this.source = source;
    this.look = new Look();
    this.stages = ["left", "right"].map((side) => {
      const stage = new Stage(this.look);
      stage.side = side;
      return stage;
    });
    this.title = h("p", { class: "pg-vote-title" });
    this.status = h("p", { class: "pg-muted", role: "status" });
    this.buttons = [
      button("← Left is better", () => this.choose("left"), { "aria-label": null }), button("Tie (↓)", () => this.choose("tie"), { "aria-label": null }),
      button("Both bad (↑)", () => this.choose("bad"), { "aria-label": null }), button("Right is better →", () => this.choose("right"), { "aria-label": null }),
    ];
    this.undoButton = button("Undo (u)", () => this.undo(), { "aria-label": null });
    this.main = h("div", { class: "pg-vote", tabindex: "0", role: "group", "aria-label": "Which picture is better? Left and right arrow choose, down is a tie, up is both bad, u takes back." },
      this.title, h("div", { class: "pg-sides pg-two" }, this.stages.map((stage) => h("figure", {}, stage.box))),
      h("div", { class: "pg-row pg-choices" }, this.buttons), h("div", { class: "pg-row" }, this.undoButton, this.status));
    this.main.addEventListener("keydown", (event) => this.onkey(event));
    fill(el, this.main);
    this.take(source.next());
  }

  async take(coming) {
    this.isBusy = true;
    this.setDisabled(true);
    try {
      this.show(await coming);
    } catch (error) {
      fill(this.status, h("span", { class: "pg-problem" }, error.message));
      this.setDisabled(!this.pair);
    }
    this.isBusy = false;
  }

  show({ pair, title, urls, progress }) {
    this.pair = pair;
    fill(this.status, `${progress.mine} votes of yours · ${progress.text}`);
    if (!pair) {
      fill(this.title, "Nothing is left to ask. Thank you.");
      this.stages.forEach((stage) => stage.show([]));
      return;
    }
    fill(this.title, `Which picture sells it better: ${title}?`);
    this.look.reset();
    this.stages.forEach((stage, i) => stage.show([{ url: Promise.resolve(urls[i]), alt: `${stage.side} picture of ${title}` }]));
    this.began = performance.now();
    this.setDisabled(false);
  }

  setDisabled(isDisabled) {
    for (const each of this.buttons) each.disabled = isDisabled;
    this.undoButton.disabled = false;
  }

  choose(choice) {
    if (this.isBusy || !this.pair) return;
    this.take(this.source.vote(this.pair, choice, (performance.now() - this.began) / 1000));
    this.main.focus({ preventScroll: true });
  }

  undo() {
    if (this.isBusy) return;
    this.take(this.source.undo());
    this.main.focus({ preventScroll: true });
  }

  onkey(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in KEYS) this.choose(KEYS[event.key]);
    else if (event.key === "u" || event.key === "Backspace") this.undo();
    else if (event.key === "f") this.look.reset();
    else return;
    event.preventDefault();
  }
}
