// How do nodes come into being? Text enters the page as text only: nothing here or elsewhere reads markup.

/** Make an element. `on…` props are listeners, `style` is an object, true is an empty attribute, false and null none. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  put(node, ...children);
  return node;
}

/** Replace what a node holds; strings become text. */
export function fill(node, ...children) {
  node.replaceChildren();
  put(node, ...children);
  return node;
}

function put(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child.nodeType ? child : String(child));
  }
}

/** A button; `label` is its text, `title` its hint, which is also its name where the text is a sign. */
export function button(label, onclick, { title, kind = "", ...rest } = {}) {
  return h("button", { type: "button", class: `pg-button ${kind}`.trim(), title, "aria-label": title, onclick, ...rest }, label);
}

/** A labelled select. `options` are [value, text]; `onpick` gets the value. */
export function select(label, options, value, onpick) {
  const box = h("select", { class: "pg-select", "aria-label": label || null, onchange: () => onpick(box.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  return h("label", { class: "pg-field" }, h("span", {}, label), box);
}

/** Put text on the clipboard; where the page may not, into a prompt of the browser's own. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { style: { position: "fixed", opacity: "0" } });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand ? document.execCommand("copy") : false;
    area.remove();
    return done;
  }
}

/** Saving is the notebook's: hand the key on to the page, which does not hear it from within the grid. */
export function passOn(event) {
  event.preventDefault();
  event.stopPropagation();
  const copy = new (event.view ?? window).KeyboardEvent("keydown", { key: event.key, code: event.code, ctrlKey: event.ctrlKey, metaKey: event.metaKey, bubbles: true, cancelable: true });
  Object.defineProperty(copy, "keyCode", { value: event.keyCode }); // JupyterLab reads the old name
  document.body.dispatchEvent(copy);
}
