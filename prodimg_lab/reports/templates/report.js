"use strict";
(() => {
  const data = JSON.parse(document.getElementById("run-data").textContent);
  const rows = new Map(data.rows.map((row) => [row.id, row]));
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  /* Text only ever enters the page through here: as text. */
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  /* ---- filters, remembered between reloads of a running report ---- */
  const memory = {
    key: `prodimg:${location.pathname}`,
    save(value) { try { sessionStorage.setItem(this.key, JSON.stringify(value)); } catch { /* a sandboxed frame has none */ } },
    load() { try { return JSON.parse(sessionStorage.getItem(this.key)) || {}; } catch { return {}; } },
  };

  /* ---- contact sheet: filter and sort ---- */
  const form = one(".filters");
  const sheet = one(".sheet");
  const shots = sheet ? all(".shot", sheet) : [];
  const haystack = new Map();
  for (const shot of shots) {
    const row = rows.get(Number(shot.dataset.id));
    const words = data.prompts[row.prompt].cut.map((part) => part[0]).join("");
    haystack.set(row.id, `${words} ${row.variant} ${row.sku} ${row.title} ${row.reason}`.toLowerCase());
  }

  function sortValue(row, key) {
    if (key.startsWith("level.")) return String(row.levels[key.slice(6)] ?? "");
    if (key.startsWith("score.")) {
      const score = row.scores.find((each) => each[0] === key.slice(6));
      return score ? score[1] : null;
    }
    return row[key];
  }

  function compare(a, b, key, direction) {
    const [x, y] = [sortValue(a, key), sortValue(b, key)];
    if (x === null || y === null) return (x === null) - (y === null) || a.id - b.id;
    if (typeof x === "string") return direction * x.localeCompare(y, undefined, { numeric: true }) || a.id - b.id;
    return direction * (x - y) || a.id - b.id;
  }

  function fits(row) {
    for (const select of all("select[data-filter]", form)) {
      if (!select.value) continue;
      const value = select.dataset.filter === "state" ? row.state : row.levels[select.dataset.factor];
      if (String(value) !== select.value) return false;
    }
    const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    return words.every((word) => haystack.get(row.id).includes(word));
  }

  function arrange() {
    const [key, direction] = form.elements.sort.value.split(/:(?=-?1$)/);
    const ordered = shots
      .map((shot) => [shot, rows.get(Number(shot.dataset.id))])
      .sort((a, b) => compare(a[1], b[1], key, Number(direction)));
    let shown = 0;
    for (const [shot, row] of ordered) {
      shot.hidden = !fits(row);
      shown += !shot.hidden;
      sheet.append(shot);
    }
    sheet.style.setProperty("--tile", `${form.elements.size.value}px`);
    one(".count", form).textContent = shown === shots.length ? `${shown} shown` : `${shown} of ${shots.length} shown`;
    one(".nothing").hidden = shown > 0;
  }

  if (sheet) {
    form.hidden = false;
    for (const [name, value] of Object.entries(memory.load().form || {})) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    form.addEventListener("input", arrange);
    form.addEventListener("reset", () => setTimeout(arrange));
    form.addEventListener("submit", (event) => event.preventDefault());
    arrange();
  }

  /* ---- copy ---- */
  async function copy(button, text) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { readonly: "" });
      area.value = text;
      button.after(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  }
  for (const button of all(".copy[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button, button.dataset.copy));
  }
  function copyButton(text, label) {
    const button = make("button", { type: "button", class: "copy", "aria-label": label }, "Copy");
    button.addEventListener("click", () => copy(button, text));
    return button;
  }

  /* ---- one picture in full ---- */
  const dialog = document.getElementById("look");
  let trail = [];
  let current = -1;

  function bar(percent) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "bar5");
    svg.setAttribute("height", "6");
    svg.setAttribute("aria-hidden", "true");
    for (const [name, width] of [["track", 100], ["value", percent]]) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", name);
      rect.setAttribute("width", `${width}%`);
      rect.setAttribute("height", "6");
      rect.setAttribute("rx", "3");
      svg.append(rect);
    }
    return svg;
  }

  function promptBlock(prompt) {
    const text = make("p", { class: "prompt" });
    for (const [words, place, name, level] of prompt.cut) {
      if (place === undefined) text.append(words);
      else text.append(make("mark", { class: data.marks[place].style, title: `${name}: ${level}` }, words));
    }
    const whole = prompt.cut.map((part) => part[0]).join("");
    const block = make("div", {}, make("h3", {}, "Prompt", copyButton(whole, "Copy the prompt")), text);
    const used = new Set(prompt.cut.filter((part) => part.length > 1).map((part) => part[1]));
    const legend = data.marks.filter((_, place) => used.has(place)).map((mark) => make("mark", { class: mark.style }, mark.name));
    if (legend.length) block.append(make("p", { class: "legend" }, ...legend));
    return block;
  }

  function scoreBlock(row) {
    const table = make("table", { class: "look-scores" });
    for (const [name, percent, figure, raw, detail, weight] of row.scores) {
      const middle = percent === null ? make("span", { class: "muted" }, detail) : bar(percent);
      const words = percent === null || !detail ? raw : `${raw} · ${detail}`;
      table.append(make("tr", {}, make("td", {}, name, weight ? make("small", { class: "muted" }, ` × ${weight}`) : ""), make("td", {}, middle), make("td", { class: "num" }, make("b", {}, figure)),
        make("td", { class: "muted" }, words)));
    }
    const quality = row.quality === null ? "no quality" : `quality ${row.quality.toFixed(2)} of 5`;
    return make("div", {}, make("h3", {}, `Scores · ${quality}`), make("p", { class: "muted" }, row.how || row.unscored), table);
  }

  function requestBlock(row, prompt) {
    const words = prompt.cut.map((part) => part[0]).join("");
    const negative = prompt.negative ? { negative_prompt: prompt.negative } : {};
    const json = JSON.stringify({ prompt: words, ...negative, ...row.request }, null, 2);
    return make("div", {}, make("h3", {}, "Request", copyButton(json, "Copy the request")), make("pre", { tabindex: "0" }, json));
  }

  function show(id) {
    const row = rows.get(id);
    if (!row) return;
    current = id;
    const prompt = data.prompts[row.prompt];
    const source = one(`[data-large="${id}"] img`) || one(`.shot[data-id="${id}"] img`);
    const picture = source ? make("img", { src: source.src, alt: source.alt })
      : make("span", { class: "blank" }, make("b", {}, row.state), make("span", {}, row.reason));
    one(".look-picture", dialog).replaceChildren(picture);
    one("#look-title", dialog).textContent = row.variant;
    const facts = `${row.title || row.sku} · ${row.block} · seed ${row.request.seed} · ${row.time} · ${row.cost}`;
    const levels = Object.entries(row.levels).map(([name, level]) => make("span", {}, make("b", {}, `${name} `), level));
    const body = [make("p", { class: "muted" }, facts), make("p", { class: "levels" }, ...levels), promptBlock(prompt)];
    if (prompt.negative) body.push(make("div", {}, make("h3", {}, "Negative prompt"), make("p", {}, prompt.negative)));
    if (row.scores.length) body.push(scoreBlock(row));
    if (row.reason) body.push(make("div", {}, make("h3", {}, row.state), make("p", {}, row.reason)));
    body.push(requestBlock(row, prompt));
    const names = [["picture", row.digest], ["fingerprint", row.fingerprint]].filter((pair) => pair[1]);
    body.push(make("p", { class: "muted" }, names.map(([name, digest]) => `${name} ${digest}`).join(" · ")));
    one(".look-body", dialog).replaceChildren(...body);
    one(".look-text", dialog).scrollTop = 0;
    if (!dialog.open) dialog.showModal();
  }

  function step(by) {
    const place = trail.indexOf(current);
    if (place >= 0 && trail.length) show(trail[(place + by + trail.length) % trail.length]);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open]");
    if (!button) return;
    const group = button.closest(".cards, .sheet");
    trail = group ? all("[data-open]", group).filter((each) => !each.closest("[hidden]")).map((each) => Number(each.dataset.open)) : [];
    show(Number(button.dataset.open));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    const by = event.target.closest("[data-step]");
    if (by) step(Number(by.dataset.step));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.key === "ArrowLeft" ? -1 : 1);
    }
  });

  /* ---- tables: a heading sorts ---- */
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "descending" || (column === 0 && !head.hasAttribute("aria-sort"));
        for (const other of all("thead th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const value = (line) => line.cells[column].dataset.v ?? line.cells[column].textContent;
        const sign = up ? 1 : -1;
        const lines = all("tbody tr", table).sort((a, b) => (column === 0
          ? sign * value(a).localeCompare(value(b)) : sign * (Number(value(a)) - Number(value(b)))));
        one("tbody", table).append(...lines);
      });
    });
  }

  /* ---- where am I ---- */
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.classList.remove("here");
      links.get(entry.target.id)?.classList.add("here");
    }
  }, { rootMargin: "-30% 0px -60% 0px" });
  for (const id of links.keys()) if (document.getElementById(id)) watch.observe(document.getElementById(id));

  /* ---- a running run: load again (the browser keeps the place); wait while somebody looks at a picture or types ---- */
  const every = Number(document.body.dataset.reload || 0);
  if (every) {
    const stale = Date.now() - Number(document.body.dataset.written) > 600_000;
    const again = () => {
      if (dialog.open || document.activeElement?.matches("input, select")) return void setTimeout(again, 2000);
      const values = sheet ? Object.fromEntries([...form.elements].filter((each) => each.name).map((each) => [each.name, each.value])) : {};
      memory.save({ form: values });
      location.reload();
    };
    if (stale) {
      one(".progress p").append(" – this page was last written more than ten minutes ago; the run may have ended. Load it again to see.");
    } else setTimeout(again, every * 1000);
  }
})();
