// A window over the page that keeps its keys to itself, and gives the focus back when it closes.
import { button, h } from "./dom.js";

/** Open a modal dialog inside `root`. `onkey(event)` is asked first; returns {box, close}. */
export function openDialog(root, { label, kind, onkey, onclose }, ...children) {
  const before = root.getRootNode().activeElement;
  const box = h("dialog", { class: `pg-dialog pg-${kind}`, "aria-label": label });
  const close = () => {
    if (!box.isConnected) return;
    box.close?.();
    box.remove();
    onclose?.();
    before?.focus?.({ preventScroll: true });
  };
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (onkey && !isBusy(event)) onkey(event);
  });
  box.append(...children.flat().filter(Boolean), button("×", close, { title: "close (Esc)", kind: "pg-close" }));
  root.append(box);
  if (box.showModal) box.showModal();
  else box.setAttribute("open", "");
  return { box, close };
}

/** Whether a key belongs to the field that has the focus: letters to a text, arrows to a slider. */
function isBusy(event) {
  if (event.target.closest("textarea, select")) return true;
  const input = event.target.closest("input");
  return Boolean(input) && (input.type !== "range" || event.key.startsWith("Arrow"));
}
