// How does the page ask the kernel for what it shows, and what does it keep?

const BATCH = 16; // thumbnails in a message
const IN_FLIGHT = 3; // messages of thumbnails at once
const CALM_MS = 400; // after the first view, before more is fetched than is seen
const KEPT = 480; // thumbnails kept in memory, some 5 KB each
const KEPT_PICTURES = 8;
const PATIENCE_MS = 8000;

export class Link {
  constructor(model, { onpush } = {}) {
    this.model = model;
    this.onpush = onpush ?? (() => {});
    this.waiting = new Map();
    this.last = 0;
    this.view = Math.random().toString(36).slice(2, 8); // several views of one model may ask at once
    this.listen = (message, buffers) => this.receive(message, buffers);
    model.on("msg:custom", this.listen);
  }

  /** Ask, and wait for the answer: {message, buffers}. Rejects with the kernel's words, or after 8 s of silence. */
  ask(kind, content = {}, { patience = PATIENCE_MS } = {}) {
    const id = `${this.view}-${++this.last}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (this.waiting.delete(id)) reject(new Error("the kernel does not answer; is it running?"));
      }, patience);
      this.waiting.set(id, { resolve, reject, timer });
      this.model.send({ kind, id, ...content });
    });
  }

  receive(message, buffers) {
    if (message.id === undefined || message.id === null) return this.onpush(message, buffersOf(message, buffers));
    const waiting = this.waiting.get(message.id);
    if (!waiting) return;
    this.waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.error) waiting.reject(new Error(message.error));
    else waiting.resolve({ message, buffers: buffersOf(message, buffers) });
  }

  close() {
    this.model.off("msg:custom", this.listen);
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
  }
}

/** Binary parts of a message; front ends that cannot carry them get base64. */
function buffersOf(message, buffers) {
  if (message.base64) return message.base64.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
  return buffers ?? [];
}

/** Thumbnails: what is wanted now is asked for first, what scrolled away before it was sent is not asked for at all. */
export class Thumbnails {
  constructor(link, oncome) {
    this.link = link;
    this.oncome = oncome;
    this.kept = new Map(); // row -> {url, alt, problem}; the oldest first
    this.asked = new Set();
    this.wanted = [];
    this.soon = [];
    this.flying = 0;
    this.isUsed = false;
  }

  get(row) {
    const known = this.kept.get(row);
    if (known) {
      this.kept.delete(row);
      this.kept.set(row, known);
    }
    return known;
  }

  /** The rows in sight, and those that may come soon; both take the place of what was wanted before. */
  want(rows, soon = []) {
    const isNew = (row) => !this.kept.has(row) && !this.asked.has(row);
    this.wanted = rows.filter(isNew);
    this.soon = soon.filter(isNew);
    this.send();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(true), CALM_MS);
  }

  forget(rows) {
    for (const row of rows) this.drop(row);
  }

  /** Ask for what is in sight; once all of that has come, and the page is calm or being scrolled, for what may come. */
  send(isCalm = this.isUsed) {
    if (!this.wanted.length && !this.flying && isCalm) {
      this.isUsed = true;
      this.wanted = this.soon.splice(0);
    }
    while (this.flying < IN_FLIGHT && this.wanted.length) {
      const rows = this.wanted.splice(0, BATCH);
      rows.forEach((row) => this.asked.add(row));
      this.flying++;
      this.link.ask("tiles", { rows }, { patience: 60_000 })
        .then(({ message, buffers }) => this.take(message, buffers), () => {})
        .finally(() => {
          this.flying--;
          rows.forEach((row) => this.asked.delete(row));
          this.send();
        });
    }
  }

  take(message, buffers) {
    message.rows.forEach((row, i) => {
      this.drop(row);
      const data = buffers[i];
      const url = data && data.byteLength ? URL.createObjectURL(new Blob([data], { type: "image/webp" })) : "";
      this.kept.set(row, { url, alt: message.alts[i], problem: message.problems[i] });
    });
    this.oncome(message.rows);
    for (const row of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.drop(row);
    }
  }

  drop(row) {
    const known = this.kept.get(row);
    if (known?.url) URL.revokeObjectURL(known.url);
    this.kept.delete(row);
  }

  clear() {
    clearTimeout(this.timer);
    for (const row of [...this.kept.keys()]) this.drop(row);
    this.wanted = [];
    this.soon = [];
  }
}

/** Full pictures by row, a few of them. */
export class Pictures {
  constructor(link) {
    this.link = link;
    this.kept = new Map();
  }

  /** The address of the provider's own bytes. */
  get(row) {
    if (!this.kept.has(row)) {
      const made = this.link.ask("picture", { row }, { patience: 60_000 })
        .then(({ message, buffers }) => URL.createObjectURL(new Blob([buffers[0]], { type: message.mime })));
      made.catch(() => this.kept.delete(row));
      this.kept.set(row, made);
    }
    const url = this.kept.get(row);
    this.kept.delete(row);
    this.kept.set(row, url);
    for (const [old, gone] of this.kept) {
      if (this.kept.size <= KEPT_PICTURES) break;
      this.kept.delete(old);
      gone.then((address) => URL.revokeObjectURL(address), () => {});
    }
    return url;
  }

  clear() {
    for (const url of this.kept.values()) url.then((address) => URL.revokeObjectURL(address), () => {});
    this.kept.clear();
  }
}
