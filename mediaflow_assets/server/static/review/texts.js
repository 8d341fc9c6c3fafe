// Sentences in French and English, and how times are written.

let texts = {};

export const load = async (language) => {
  const all = await (await fetch(new URL("../texts.json", import.meta.url))).json();
  texts = all[language] ?? all.en;
  document.documentElement.lang = language;
};

export const t = (key, values = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

const pad = (value) => String(value).padStart(2, "0");

/** HH:MM:SS:FF of a frame, which counts from 1. */
export const timecode = (frame, fps = 25) => {
  const seconds = Math.floor((frame - 1) / fps);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, (frame - 1) % fps];
  return parts.map(pad).join(":");
};

/** 7 s, 3 min 04 s. */
export const duration = (frames, fps = 25) => {
  const seconds = Math.round(frames / fps);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${pad(seconds % 60)}`;
};

export const clock = (iso) => new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const day = (iso) => new Date(iso).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
