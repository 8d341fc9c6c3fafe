// Boxes of every frame, loaded a minute at a time.

import * as api from "./api.js";

const chunks = new Map();
let tracking = null;
let size = 1500;
let review = null;
let arrived = () => {};

/** Which document is shown, and what people corrected of it. */
export const use = (data, onArrival) => {
  if (data.tracking !== tracking) { chunks.clear(); }
  tracking = data.tracking;
  size = data.chunk;
  review = data.review;
  arrived = onArrival;
};

const undelta = (column) => {
  const values = Int32Array.from(column);
  for (let index = 1; index < values.length; index += 1) { values[index] += values[index - 1]; }
  return values;
};

const unpack = (chunk) => chunk.objects.flatMap(({ id, runs }) => runs.map((run) => ({
  id,
  first: run.first,
  last: run.first + run.x.length - 1,
  x: undelta(run.x),
  y: undelta(run.y),
  w: undelta(run.w),
  h: undelta(run.h),
})));

const load = (number) => {
  if (!tracking || number < 0 || chunks.has(number)) { return chunks.get(number)?.promise; }
  const entry = { runs: null };
  chunks.set(number, entry);
  entry.promise = api.chunk(tracking, number).then((chunk) => { entry.runs = unpack(chunk); arrived(); }, () => { chunks.delete(number); });
  return entry.promise;
};

/** Resolves when the boxes of a frame are here. */
export const ready = (frame) => load(Math.floor((frame - 1) / size)) ?? Promise.resolve();

const given = (runs, frame) => runs?.find(([first, last]) => first <= frame && frame <= last);

/** The id that the machine's id is shown with in a frame; null if it is left out. */
export const shownId = (id, frame) => {
  if (given(review?.ignored?.[id], frame)) { return null; }
  return given(review?.ids?.[id], frame)?.[2] ?? id;
};

/** Boxes {id, machine, x, y, w, h} of a frame, in pixels of the video; the next minute is fetched ahead. */
export const boxesAt = (frame) => {
  const number = Math.floor((frame - 1) / size);
  load(number);
  if (frame % size > size / 2) { load(number + 1); }
  const found = [];
  for (const run of chunks.get(number)?.runs ?? []) {
    if (run.first > frame || run.last < frame) { continue; }
    const id = shownId(run.id, frame);
    const at = frame - run.first;
    if (id !== null) { found.push({ id, machine: run.id, x: run.x[at], y: run.y[at], w: run.w[at], h: run.h[at] }); }
  }
  return found;
};
