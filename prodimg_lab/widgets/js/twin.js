// The still pages for readers without a kernel are hidden while there is one.
import { h } from "./dom.js";

/** Hide the still page of that mark, wherever on the page it is or will be; returns how to show it again. */
export function hideTwin(twin) {
  if (!twin) return () => {};
  const style = h("style", {}, `[data-prodimg-twin="${CSS.escape(twin)}"] { display: none }`);
  document.head.append(style);
  return () => style.remove();
}

export default {
  render({ model }) { return hideTwin(model.get("twin")); },
};
