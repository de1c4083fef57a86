// How are pictures looked at closely? One or more stages share one view, so that zoom and place stay in step.
import { h } from "./dom.js";

const MOST = 32;

/** What part of the picture is seen: `zoom` times fitted, centred on (x, y) in shares of the picture. */
export class Look {
  constructor() {
    this.stages = new Set();
    this.reset();
  }

  reset() {
    this.zoom = 1;
    this.x = this.y = 0.5;
    this.apply();
  }

  /** Zoom by a factor around a place (shares of the picture), which stays where it is. */
  zoomBy(factor, x = this.x, y = this.y) {
    const zoom = Math.min(MOST, Math.max(1, this.zoom * factor));
    this.x = x + ((this.x - x) * this.zoom) / zoom;
    this.y = y + ((this.y - y) * this.zoom) / zoom;
    this.zoom = zoom;
    this.apply();
  }

  moveBy(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  apply() {
    const half = 0.5 / this.zoom;
    this.x = Math.min(1 - half, Math.max(half, this.x));
    this.y = Math.min(1 - half, Math.max(half, this.y));
    for (const stage of this.stages) stage.paint();
  }
}

/** A frame that shows pictures, one over the other, through a `Look`. */
export class Stage {
  constructor(look) {
    this.look = look;
    this.box = h("div", { class: "pg-stage" });
    look.stages.add(this);
    this.box.addEventListener("wheel", (event) => this.onwheel(event), { passive: false });
    this.box.addEventListener("pointerdown", (event) => this.ondrag(event));
    this.box.addEventListener("dblclick", (event) => (look.zoom > 1 ? look.reset() : look.zoomBy(3, ...this.at(event))));
  }

  /** Show pictures: [{url (a promise), alt, low (address of a thumbnail)}], the last on top. */
  show(pictures) {
    this.box.replaceChildren();
    this.images = pictures.map(({ url, alt, low }) => {
      const image = h("img", { alt, draggable: "false", src: low || undefined, onload: () => this.paint() });
      url.then((address) => {
        image.src = address;
        image.dataset.full = "true";
      }, (error) => this.box.append(h("p", { class: "pg-problem" }, error.message)));
      this.box.append(image);
      return image;
    });
    this.paint();
  }

  paint() {
    const { zoom, x, y } = this.look;
    const { width, height } = this.frame();
    for (const image of this.images ?? []) {
      image.style.transform = `scale(${zoom}) translate(${(0.5 - x) * width}px, ${(0.5 - y) * height}px)`;
      image.style.imageRendering = zoom > 6 ? "pixelated" : "auto";
    }
    this.box.classList.toggle("pg-zoomed", zoom > 1);
  }

  /** Where the pointer is, in shares of the picture. */
  at(event) {
    const frame = this.frame();
    const { zoom, x, y } = this.look;
    return [x + ((event.clientX - frame.x) / frame.width - 0.5) / zoom, y + ((event.clientY - frame.y) / frame.height - 0.5) / zoom];
  }

  /** The picture's own frame on the page at zoom 1: `object-fit: contain` leaves bands. */
  frame() {
    const box = this.box.getBoundingClientRect();
    const image = this.images?.[0];
    const shape = image?.naturalWidth ? image.naturalWidth / image.naturalHeight : 1;
    const width = Math.min(box.width, box.height * shape) || 1;
    const height = width / shape;
    return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
  }

  onwheel(event) {
    event.preventDefault();
    this.look.zoomBy(Math.exp(-event.deltaY * 0.0022), ...this.at(event));
  }

  ondrag(event) {
    if (event.button !== 0 || this.look.zoom === 1 || event.target.closest(".pg-divider")) return;
    event.preventDefault();
    this.box.setPointerCapture(event.pointerId);
    const frame = this.frame();
    let [x, y] = [event.clientX, event.clientY];
    const move = (next) => {
      this.look.moveBy(-(next.clientX - x) / frame.width / this.look.zoom, -(next.clientY - y) / frame.height / this.look.zoom);
      [x, y] = [next.clientX, next.clientY];
    };
    const end = () => {
      this.box.removeEventListener("pointermove", move);
      this.box.removeEventListener("pointerup", end);
      this.box.removeEventListener("pointercancel", end);
    };
    this.box.addEventListener("pointermove", move);
    this.box.addEventListener("pointerup", end);
    this.box.addEventListener("pointercancel", end);
  }
}
