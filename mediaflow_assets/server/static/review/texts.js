// The sentences of the pages, written in English where they are shown and looked up in the catalogue of the language;
// and how times are written. Sentences that have values in them say which: %(who)s.

let messages = {};

/** Get the catalogue of a language; of one that has none, sentences stay English. */
export const load = async (language) => {
  const answer = await fetch(new URL(`../../api/texts/${encodeURIComponent(language)}`, import.meta.url));
  if (!answer.ok) { return; }
  ({ messages, tag: document.documentElement.lang } = await answer.json());
};

const filled = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));

export const _ = (sentence, values = {}) => filled(messages[sentence] ?? sentence, values);
/** A sentence that means something else in another place. */
export const pgettext = (context, sentence, values = {}) => filled(messages[`${context}\u0004${sentence}`] ?? sentence, values);

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

/** 45 % in French, 45% in English, of 45. */
export const percent = (value) => (value / 100).toLocaleString(document.documentElement.lang, { style: "percent" });
export const clock = (iso) => new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const day = (iso) => new Date(iso).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
