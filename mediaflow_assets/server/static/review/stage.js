// The video and what is drawn over the exact frame that it shows.

const FPS = 25;
const SPEEDS = [1, 2, 4, 8];
const REWIND = 120;

/** Plays, seeks and says which frame is on screen; without a video it is a clock. */
export class Stage {
  constructor(video, overlay, frames, onFrame) {
    Object.assign(this, { video, overlay, frames, onFrame, frame: 1, speed: 1, backwards: null, wanted: null, sought: null });
    this.playable = false;
    overlay.addEventListener("click", (event) => this.onClick?.(event));
    new ResizeObserver(() => this.onFrame(this.frame)).observe(overlay);
  }

  load(url) {
    this.playable = true;
    this.video.src = url;
    const follow = (now, shown) => {
      const frame = Math.round(shown.mediaTime * FPS) + 1;
      // A picture from before a seek is told late, even after "seeked".
      if (frame === this.sought || !this.video.paused) { this.sought = null; }
      if (this.wanted === null && this.sought === null) { this.show(frame); }
      this.video.requestVideoFrameCallback(follow);
    };
    this.video.requestVideoFrameCallback(follow);
    this.video.addEventListener("seeked", () => {
      const { wanted } = this;
      this.wanted = null;
      if (wanted !== this.frame) { this.go(this.frame); }
    });
    this.video.addEventListener("loadedmetadata", () => this.go(this.frame));
    for (const name of ["play", "pause", "ended"]) { this.video.addEventListener(name, () => this.onFrame(this.frame)); }
  }

  get playing() { return this.playable ? !this.video.paused : false; }

  show(frame) {
    this.frame = Math.min(Math.max(1, frame), this.frames);
    this.onFrame(this.frame);
  }

  /** Show exactly this frame: its middle, for a boundary may round to the frame before. */
  go(frame) {
    this.show(Math.round(frame));
    if (!this.playable) { return; }
    // Also before anything is known of the video: its first picture may be told before its metadata.
    this.sought = this.frame;
    // One seek at a time: the newest frame is sought when the former one is shown.
    if (this.video.readyState > 0 && (this.wanted === null || !this.video.seeking)) {
      this.wanted = this.frame;
      this.video.currentTime = (this.frame - 0.5) / FPS;
    }
  }

  step(count) {
    this.stop();
    this.go(this.frame + count);
  }

  stop() {
    clearInterval(this.backwards);
    this.backwards = null;
    this.speed = 1;
    this.video.playbackRate = 1;
    if (this.playable) { this.video.pause(); }
    this.onFrame(this.frame);
  }

  toggle() {
    if (this.playing || this.backwards) { this.stop(); return; }
    this.play(1);
  }

  forward() { this.play(this.playing ? SPEEDS[Math.min(SPEEDS.indexOf(this.speed) + 1, SPEEDS.length - 1)] : 1); }

  play(speed) {
    clearInterval(this.backwards);
    this.backwards = null;
    this.speed = speed;
    this.video.playbackRate = speed;
    if (this.playable) { this.video.play().catch(() => {}); }
  }

  backward() {
    const speed = this.backwards ? Math.min(this.speed * 2, 8) : 1;
    this.stop();
    this.speed = speed;
    this.backwards = setInterval(() => this.go(this.frame - Math.round(REWIND * FPS / 1000) * speed), REWIND);
  }
}

/** The rectangle that the video fills in its element, in CSS pixels: bars are left out. */
const placed = (overlay, video) => {
  const scale = Math.min(overlay.clientWidth / video.width, overlay.clientHeight / video.height);
  return {
    scale,
    left: (overlay.clientWidth - video.width * scale) / 2,
    top: (overlay.clientHeight - video.height * scale) / 2,
  };
};

/** Draw boxes {x, y, w, h, text, colour, selected, speaking, soft} in pixels of the video. */
export const drawBoxes = (overlay, video, boxes) => {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(overlay.clientWidth * ratio), Math.round(overlay.clientHeight * ratio)];
  if (overlay.width !== width || overlay.height !== height) { Object.assign(overlay, { width, height }); }
  const context = overlay.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, overlay.clientWidth, overlay.clientHeight);
  const { scale, left, top } = placed(overlay, video);
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (const box of boxes) {
    const [x, y, w, h] = [left + box.x * scale, top + box.y * scale, box.w * scale, box.h * scale];
    context.lineWidth = box.selected ? 4 : box.speaking ? 3 : 1.5;
    context.strokeStyle = box.colour;
    context.globalAlpha = box.soft ? 0.55 : 1;
    context.setLineDash(box.soft ? [4, 3] : []);
    context.strokeRect(x, y, w, h);
    context.setLineDash([]);
    const wide = context.measureText(box.text).width + 12;
    const over = y - 22 < 0 ? y + h + 1 : y - 22;
    const from = Math.max(0, Math.min(x - context.lineWidth / 2, overlay.clientWidth - wide));
    context.fillStyle = box.colour;
    context.fillRect(from, over, wide, 21);
    context.fillStyle = "#fff";
    context.fillText(box.text, from + 6, over + 11);
    context.globalAlpha = 1;
  }
};

/** The smallest box under a pointer, or null. */
export const boxUnder = (event, overlay, video, boxes) => {
  const { scale, left, top } = placed(overlay, video);
  const bounds = overlay.getBoundingClientRect();
  const [x, y] = [(event.clientX - bounds.left - left) / scale, (event.clientY - bounds.top - top) / scale];
  const under = boxes.filter((box) => x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h);
  return under.sort((one, other) => one.w * one.h - other.w * other.h)[0] ?? null;
};
