"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const timeline = byId("timeline");
  const inner = timeline.querySelector(".lanes-inner");
  const area = timeline.querySelector(".playhead-area");
  const shots = new Map();
  document.querySelectorAll(".shots button").forEach((button) => shots.set(Number(button.dataset.scene), button));
  const ruler = byId("ticks");
  let frame = 1;
  let zoom = 1;

  const pad = (value, length) => String(value).padStart(length, "0");
  const timecode = (number) => {
    const milliseconds = Math.round((number - 1) * 1000 / data.fps);
    const seconds = Math.floor(milliseconds / 1000);
    return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2)).join(":")
      + "." + pad(milliseconds % 1000, 3);
  };
  const hours = (number) => {
    const seconds = Math.floor((number - 1) / data.fps);
    return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2)).join(":");
  };
  // As editing programs count: HH:MM:SS:FF.
  const frameTimecode = (number) => hours(number) + ":" + pad((number - 1) % data.fps, 2);
  // Intervals rise, so the one that may hold a frame is the last that does not begin after it.
  const last = (intervals, number) => {
    let low = 0;
    let high = intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (intervals[middle][0] <= number) { low = middle + 1; } else { high = middle; }
    }
    return low - 1;
  };
  const holds = (intervals, number) => {
    const index = last(intervals, number);
    return index >= 0 && intervals[index][1] >= number;
  };

  const show = () => {
    const percent = (frame - 0.5) / data.frames * 100;
    byId("playhead").style.left = percent + "%";
    const scene = last(data.scenes, frame) + 1;
    const heard = data.speakers.filter((speaker) => holds(speaker.intervals, frame)).map((speaker) => speaker.label);
    const visible = data.tracks.filter((track) => holds(track.intervals, frame)).map((track) =>
      holds(track.speaking, frame) ? track.id + " (" + data.texts.speaking + ")" : track.id);
    const where = scene ? data.texts.scene + " " + scene : "";
    byId("now").textContent = timecode(frame);
    byId("now-frames").textContent = frameTimecode(frame);
    byId("shot-text").textContent = [data.texts.frame + " " + frame, where].filter(Boolean).join(" · ");
    byId("heard").textContent = heard.join(", ") || data.texts.nobody;
    byId("visible").textContent = visible.join(", ") || data.texts.nobody;
    if (byId("framed")) {
      byId("framed").textContent = data.framings.map((item) => {
        const segment = item.segments[last(item.segments, frame)];
        return item.aspect + " " + segment[2] + " (" + segment[3] + ")";
      }).join(" · ");
    }
    timeline.setAttribute("aria-valuenow", frame);
    timeline.setAttribute("aria-valuetext", [timecode(frame), where].filter(Boolean).join(", "));
    if (byId("now").href !== undefined) { byId("now").href = "#t=" + ((frame - 1) / data.fps).toFixed(2); }
    shots.forEach((button, number) => button.setAttribute("aria-current", number === scene ? "true" : "false"));
    const source = shots.get(scene) && shots.get(scene).querySelector("img");
    const picture = byId("shot-picture");
    picture.hidden = !source;
    if (source) { picture.src = source.src; }
  };
  // Marks at round times, as close as their texts allow; only those in sight exist, from 1 s to 4 h at any zoom.
  const steps = [1, 2, 5, 10, 25, 50, 125, 250, 375, 750, 1500, 3000, 7500, 15000, 22500, 45000, 90000, 180000];
  const rule = () => {
    const wide = area.getBoundingClientRect().width / data.frames;
    const labelled = wide * data.fps < 90 ? 68 : 92;
    const step = steps.find((one) => one * wide >= labelled) || steps[steps.length - 1];
    const from = Math.min(Math.floor(timeline.scrollLeft / wide / step) * step, data.frames - 1);
    const to = Math.min(data.frames, (timeline.scrollLeft + timeline.clientWidth) / wide);
    const marks = [];
    for (let at = Math.max(0, from); at < to; at += step) {
      const mark = document.createElement("span");
      mark.style.left = at / data.frames * 100 + "%";
      mark.textContent = step % data.fps ? frameTimecode(at + 1) : hours(at + 1);
      if ((data.frames - at) * wide >= labelled || data.frames < step) { marks.push(mark); }
    }
    ruler.replaceChildren(...marks);
  };
  let asked = false;
  const ruleSoon = () => {
    if (asked) { return; }
    asked = true;
    requestAnimationFrame(() => { asked = false; rule(); });
  };

  const keepVisible = () => {
    const left = area.offsetLeft + byId("playhead").offsetLeft - timeline.scrollLeft;
    if (left < area.offsetLeft || left > timeline.clientWidth) {
      timeline.scrollLeft += left - timeline.clientWidth / 2;
    }
  };
  const move = (number) => {
    frame = Math.min(Math.max(1, Math.round(number)), data.frames);
    show();
    showWord();
    keepVisible();
  };
  const go = (number) => {
    move(number);
    seek();
  };
  const seek = () => {
    // One at a time, or a browser may never end; and the middle of the frame, for its edge may round to the one before.
    if (film && film.readyState > 0 && !film.seeking) { film.currentTime = (frame - 0.5) / data.fps; }
  };
  const film = byId("film");
  const served = location.protocol.startsWith("http");
  const load = () => {
    film.preload = "auto";
    film.src = served ? data.film.served : data.film.file;
    film.hidden = false;
    film.addEventListener("loadedmetadata", () => go(frame), { once: true });
    film.addEventListener("error", () => { film.hidden = true; byId("no-film").hidden = false; });
    film.addEventListener("seeked", () => {
      if (film.paused && Math.floor(film.currentTime * data.fps) + 1 !== frame) { seek(); }
    });
    const follow = (now, shown) => {
      if (!film.seeking) { move(shown.mediaTime * data.fps + 1); }
      film.requestVideoFrameCallback(follow);
    };
    film.requestVideoFrameCallback(follow);
  };
  const play = () => {
    if (!film || byId("play").hidden) { return; }
    if (!film.src) { load(); }
    if (film.paused) { film.play().catch(() => {}); } else { film.pause(); }
  };
  const goToHash = () => {
    const seconds = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (seconds) { go(Math.floor(Number(seconds[1]) * data.fps + 0.01) + 1); }
  };
  const goScene = (step) => {
    const scene = last(data.scenes, frame);
    const target = step < 0 && scene >= 0 && frame > data.scenes[scene][0] ? scene : scene + step;
    if (data.scenes[target]) { go(data.scenes[target][0]); } else if (step < 0) { go(1); } else { go(data.frames); }
  };
  // A frame of a long video is at most 24 pixels wide, and the whole fits into what browsers can lay out.
  const widest = () => {
    const whole = timeline.clientWidth - area.offsetLeft;
    return Math.max(8, Math.min(data.frames * 24, 16e6) / Math.max(1, whole));
  };
  // The frame under `anchor` (pixels from the left of what is in sight) stays where it is.
  const setZoom = (value, anchor) => {
    const before = area.getBoundingClientRect().width;
    const held = anchor === undefined ? null : (timeline.scrollLeft + anchor) / before;
    zoom = Math.min(Math.max(1, value), widest());
    inner.style.width = "calc(var(--label) + (100% - var(--label)) * " + zoom + ")";
    if (held === null) { keepVisible(); } else { timeline.scrollLeft = held * area.getBoundingClientRect().width - anchor; }
    ruleSoon();
  };

  const keys = {
    ArrowLeft: (event) => go(frame - (event.shiftKey ? data.fps : 1)),
    ArrowRight: (event) => go(frame + (event.shiftKey ? data.fps : 1)),
    ArrowDown: (event) => go(frame - (event.shiftKey ? data.fps : 1)),
    ArrowUp: (event) => go(frame + (event.shiftKey ? data.fps : 1)),
    PageUp: () => goScene(-1),
    PageDown: () => goScene(1),
    Home: () => go(1),
    End: () => go(data.frames),
    "+": () => setZoom(zoom * 2),
    "-": () => setZoom(zoom / 2),
    "0": () => setZoom(1),
    " ": () => play(),
  };
  timeline.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) { return; }
    event.preventDefault();
    keys[event.key](event);
  });
  const follow = (event) => {
    const box = area.getBoundingClientRect();
    if (event.clientX >= box.left) { go((event.clientX - box.left) / box.width * data.frames + 0.5); }
  };
  timeline.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) { return; }
    follow(event);
    timeline.setPointerCapture(event.pointerId);
  });
  timeline.addEventListener("pointermove", (event) => {
    if (timeline.hasPointerCapture(event.pointerId)) { follow(event); }
  });
  // A wheel alone scrolls the page, unless somebody is at work in the timeline.
  timeline.addEventListener("wheel", (event) => {
    const meant = event.ctrlKey || event.altKey || event.metaKey || document.activeElement === timeline;
    if (!meant || event.shiftKey || !event.deltaY) { return; }
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const left = timeline.getBoundingClientRect().left + area.offsetLeft;
    setZoom(zoom * Math.exp(-event.deltaY * lines / 300), Math.max(0, event.clientX - left));
  }, { passive: false });
  timeline.addEventListener("scroll", ruleSoon, { passive: true });
  new ResizeObserver(ruleSoon).observe(timeline);
  shots.forEach((button) => button.addEventListener("click", () => go(Number(button.dataset.frame))));
  if (film) {
    byId("play").hidden = !served && !data.film.file;
    byId("play").addEventListener("click", play);
    byId("review").hidden = !served;
  }
  addEventListener("hashchange", goToHash);
  // The words of the transcript are links to #t=seconds; the one that is said is marked.
  const words = Array.from(document.querySelectorAll("#transcript a[data-frame]"));
  const starts = words.map((word) => [Number(word.dataset.frame)]);
  let said = -1;
  const showWord = () => {
    const index = last(starts, frame);
    if (index === said) { return; }
    if (words[said]) { words[said].removeAttribute("aria-current"); }
    if (words[index]) { words[index].setAttribute("aria-current", "true"); }
    said = index;
  };
  if (byId("transcript")) {
    // The address stays the same when a word is clicked again.
    byId("transcript").addEventListener("click", (event) => {
      if (event.target.closest("a") && event.target.closest("a").hash === location.hash) { goToHash(); }
    });
  }
  byId("previous").addEventListener("click", () => goScene(-1));
  byId("next").addEventListener("click", () => goScene(1));
  byId("zoom-in").addEventListener("click", () => setZoom(zoom * 2));
  byId("zoom-out").addEventListener("click", () => setZoom(zoom / 2));
  show();
  rule();
  goToHash();
})();
