// An experiment around one picture: its text, and a button that makes it.
import { copyButton } from "./card.js";
import { openDialog } from "./dialog.js";
import { button, fill, h } from "./dom.js";

export async function openAround(hub, row) {
  const { message } = await hub.link.ask("around", { row });
  openDialog(hub.el, { label: "Sweep around this picture", kind: "text" }, h("h3", {}, "Sweep around this picture"),
    h("p", {}, "An experiment that starts from this picture. Make it here, or put the text into an experiment.yaml of your own and take out what you don't want to vary."),
    makeNode(hub, row), h("pre", { tabindex: "0" }, message.yaml), copyButton("Copy", () => message.yaml));
}

/** A button that makes the experiment, and says where it is and what comes next. */
function makeNode(hub, row) {
  const told = h("p", { role: "status" });
  const made = button("Make the experiment", async () => {
    made.disabled = true;
    try {
      const { message } = await hub.link.ask("make_around", { row });
      fill(told, "made: ", h("code", {}, message.file), " · next: ", h("code", {}, message.next));
    } catch (error) {
      made.disabled = false;
      fill(told, error.message);
    }
  });
  return h("div", {}, made, told);
}
