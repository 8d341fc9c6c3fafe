// The lanes: shots, each person, the wave of the sound, words; and the map of the whole video below them.

import * as runs from "./runs.js";
import { _, timecode } from "./texts.js";

const HEIGHT = { ruler: 22, scenes: 18, row: 22, thing: 14, wave: 44, words: 24 };
const GAP = 4;
const STEPS = [1, 5, 25, 50, 125, 250, 500, 1500, 3000, 7500, 15000, 45000];

export class Timeline {
  constructor({ lanes, labels, canvas, minimap, go, select }) {
    Object.assign(this, { lanes, labels, canvas, minimap, go, select });
    this.view = [0, 1];
    this.wave = new Uint8Array();
    this.frame = 1;
    this.drawing = false;
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
    this.#drag(canvas, (event) => this.#at(event, canvas, this.view), () => {});
    this.#drag(minimap, (event) => this.#at(event, minimap, [0, this.frames]), (frame) => this.#centre(frame));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  use(data, people, marks) {
    const first = this.frames !== data.video.frames;
    Object.assign(this, { data, people, marks, frames: data.video.frames });
    if (first) { this.view = [0, this.frames]; }
    this.#lay();
    this.draw();
  }

  show(frame, selected, marks) {
    const moved = frame !== this.frame;
    Object.assign(this, { frame, selected, marks });
    const [from, to] = this.view;
    if (moved && (frame - 1 < from || frame > to)) { this.#look(frame - 1 - (to - from) * 0.1, to - from); }
    this.draw();
  }

  zoom(factor, around = this.frame) {
    const [from, to] = this.view;
    const width = Math.min(this.frames, Math.max(25, (to - from) * factor));
    this.#look(around - (around - from) * (width / (to - from)), width);
    this.draw();
  }

  /** Everything drawn is asked for at once and done once a picture. */
  draw() {
    if (this.drawing || !this.data) { return; }
    this.drawing = true;
    requestAnimationFrame(() => { this.drawing = false; this.#paint(); this.#map(); });
  }

  #lay() {
    const { rows, things } = this.people;
    this.bands = [{ kind: "ruler", height: HEIGHT.ruler }, { kind: "scenes", height: HEIGHT.scenes, text: _("Shots") }];
    rows.forEach((row) => this.bands.push({ kind: "row", height: HEIGHT.row, row, text: row.title }));
    things.slice(0, 6).forEach((thing) => this.bands.push({ kind: "thing", height: HEIGHT.thing, thing, text: thing.label }));
    if (this.wave.length) { this.bands.push({ kind: "wave", height: HEIGHT.wave, text: _("Sound") }); }
    if (this.data.words.length) { this.bands.push({ kind: "words", height: HEIGHT.words, text: _("Text") }); }
    let top = 0;
    for (const band of this.bands) { band.top = top; top += band.height + GAP; }
    this.height = top;
    this.labels.replaceChildren(...this.bands.map((band) => this.#label(band)));
  }

  #label(band) {
    const element = document.createElement(band.kind === "row" ? "button" : "div");
    element.style.height = `${band.height}px`;
    element.style.marginBottom = `${GAP}px`;
    if (band.kind === "row") {
      element.type = "button";
      element.tabIndex = -1; // the list of people has the same for the keyboard
      element.addEventListener("click", () => this.select(band.row.key));
      const dot = document.createElement("i");
      dot.style.setProperty("--colour", `var(--c${band.row.colour})`);
      element.append(dot);
      band.element = element;
    }
    const text = document.createElement("span");
    text.className = "text";
    text.textContent = band.text ?? "";
    element.title = band.text ?? "";
    element.append(text);
    return element;
  }

  #paint() {
    const context = fitted(this.canvas, this.height);
    const width = this.canvas.clientWidth;
    const style = getComputedStyle(document.body);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const [from, to] = this.view;
    const x = (edge) => (edge - from) / (to - from) * width;
    this.lanes.setAttribute("aria-valuemax", this.frames);
    this.lanes.setAttribute("aria-valuenow", this.frame);
    this.lanes.setAttribute("aria-valuetext", timecode(this.frame));
    const draw = (list, top, height, fill, alpha = 1) => {
      context.globalAlpha = alpha;
      context.fillStyle = fill;
      let drawnTo = -1;
      for (let index = Math.max(0, runs.before(list, Math.floor(from) + 1)); index < list.length && list[index][0] - 1 < to; index += 1) {
        const left = Math.max(0, x(list[index][0] - 1), drawnTo);
        const right = Math.min(width, Math.max(x(list[index][1]), left + 1));
        if (right > left) { context.fillRect(left, top, right - left, height); drawnTo = right; }
      }
      context.globalAlpha = 1;
    };
    for (const band of this.bands) {
      const { top, height } = band;
      if (band.kind === "ruler") { this.#ruler(context, x, width, colour); continue; }
      context.fillStyle = colour("track");
      context.fillRect(0, top, width, height);
      if (band.kind === "scenes") {
        this.data.scenes.forEach((scene, index) => {
          if (scene[1] > from && scene[0] - 1 < to) { draw([scene], top, height, colour(index % 2 ? "scene-b" : "scene-a")); }
        });
      } else if (band.kind === "row") {
        const own = colour(`c${band.row.colour}`);
        draw(band.row.seen, top, height, own, 0.32);
        draw(band.row.speaking, top + 3, height - 6, own);
        const chosen = band.row.key === this.selected;
        band.element.classList.toggle("selected", chosen);
        if (chosen) {
          context.strokeStyle = colour("accent");
          context.lineWidth = 2;
          context.strokeRect(1, top + 1, width - 2, height - 2);
        }
      } else if (band.kind === "thing") {
        draw(band.thing.seen, top, height, colour("soft"), 0.4);
      } else if (band.kind === "wave") {
        this.#wave(context, band, width, colour("soft"));
      } else {
        this.#words(context, band, x, width, colour);
      }
    }
    this.#marks(context, x, colour);
    const middle = x(this.frame - 0.5);
    const exact = Math.max(1, x(this.frame) - x(this.frame - 1));
    context.fillStyle = colour("bad");
    context.globalAlpha = 0.18;
    context.fillRect(x(this.frame - 1), 0, exact, this.height);
    context.globalAlpha = 1;
    context.fillRect(middle - 1, 0, 2, this.height);
  }

  #ruler(context, x, width, colour) {
    const [from, to] = this.view;
    const step = STEPS.find((one) => one / (to - from) * width >= 96) ?? STEPS.at(-1);
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    for (let frame = Math.ceil(from / step) * step; frame < to; frame += step) {
      context.fillStyle = colour("line");
      context.fillRect(x(frame), 0, 1, HEIGHT.ruler);
      context.fillStyle = colour("soft");
      const text = timecode(frame + 1);
      context.fillText(step >= 25 ? text.slice(0, 8) : text, x(frame) + 4, HEIGHT.ruler / 2);
    }
  }

  #wave(context, { top, height }, width, fill) {
    const [from, to] = this.view;
    context.fillStyle = fill;
    for (let column = 0; column < width; column += 1) {
      const first = Math.floor(from + column / width * (to - from));
      const last = Math.max(first + 1, Math.floor(from + (column + 1) / width * (to - from)));
      let loud = 0;
      for (let frame = first; frame < last; frame += 1) { loud = Math.max(loud, this.wave[frame] ?? 0); }
      const size = Math.max(1, Math.sqrt(loud / 255) * height);
      context.fillRect(column, top + (height - size) / 2, 1, size);
    }
  }

  #words(context, { top, height }, x, width, colour) {
    const [from, to] = this.view;
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    let free = -1;
    for (const [start, end, text] of this.data.words) {
      const [left, right] = [x(start * 25), x(end * 25)];
      if (end * 25 < from || start * 25 > to) { continue; }
      context.fillStyle = colour("line");
      context.fillRect(left, top + 2, Math.max(1, right - left - 1), height - 4);
      context.fillStyle = colour("ink");
      const wide = context.measureText(text).width;
      if (left >= free && wide <= right - left + 6) { context.fillText(text, left + 2, top + height / 2); free = left + wide + 4; }
    }
  }

  #marks(context, x, colour) {
    for (const { first, last, kind } of this.marks ?? []) {
      context.fillStyle = colour(kind === "doubt" ? "warn" : "accent");
      context.globalAlpha = kind === "doubt" ? 0.9 : 0.22;
      const left = x(first - 1);
      if (kind === "doubt") { context.fillRect(left, 0, 2, this.height); } else { context.fillRect(left, 0, Math.max(2, x(last) - left), this.height); }
      context.globalAlpha = 1;
    }
  }

  #map() {
    const context = fitted(this.minimap, 26);
    const width = this.minimap.clientWidth;
    const style = getComputedStyle(document.body);
    const x = (frame) => frame / this.frames * width;
    const rows = this.people.rows.slice(0, 6);
    const height = 26 / Math.max(1, rows.length);
    rows.forEach((row, index) => {
      context.fillStyle = style.getPropertyValue(`--c${row.colour}`);
      context.globalAlpha = 0.7;
      let drawnTo = -1;
      for (const [first, last] of row.speaking) {
        const left = Math.max(x(first - 1), drawnTo);
        const right = Math.max(x(last), left + 0.5);
        if (x(last) > drawnTo) { context.fillRect(left, index * height, right - left, height - 1); drawnTo = right; }
      }
    });
    context.globalAlpha = 1;
    context.fillStyle = style.getPropertyValue("--warn");
    (this.data.doubts ?? []).forEach((doubt) => context.fillRect(x(doubt.frame - 0.5), 20, 2, 6));
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 2;
    context.strokeRect(x(this.view[0]) + 1, 1, Math.max(6, x(this.view[1]) - x(this.view[0])) - 2, 24);
    context.fillStyle = style.getPropertyValue("--bad");
    context.fillRect(x(this.frame - 0.5) - 1, 0, 2, 26);
  }

  #at(event, element, [from, to]) {
    const box = element.getBoundingClientRect();
    const frame = Math.floor(from + (event.clientX - box.left) / box.width * (to - from)) + 1;
    return Math.min(Math.max(1, frame), this.frames);
  }

  #drag(element, frameOf, also) {
    const follow = (event) => { const frame = frameOf(event); also(frame); this.go(frame); };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) { return; }
      element.setPointerCapture(event.pointerId);
      follow(event);
      const band = element === this.canvas && this.bands.find((one) => event.offsetY >= one.top && event.offsetY < one.top + one.height);
      if (band?.row) { this.select(band.row.key); }
    });
    element.addEventListener("pointermove", (event) => { if (element.hasPointerCapture(event.pointerId)) { follow(event); } });
  }

  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.#at(event, this.canvas, this.view));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const [from, to] = this.view;
      this.#look(from + (event.deltaX || event.deltaY) / this.canvas.clientWidth * (to - from), to - from);
      this.draw();
    }
  }

  #centre(frame) {
    const width = this.view[1] - this.view[0];
    this.#look(frame - width / 2, width);
  }

  #look(from, width) {
    const start = Math.min(Math.max(0, from), this.frames - width);
    this.view = [Math.max(0, start), Math.max(0, start) + width];
  }
}

const fitted = (canvas, height) => {
  const ratio = window.devicePixelRatio || 1;
  const wanted = [Math.round(canvas.clientWidth * ratio), Math.round(height * ratio)];
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) { [canvas.width, canvas.height] = wanted; }
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.clientWidth, height);
  return context;
};
