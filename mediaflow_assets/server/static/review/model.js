// Who there is: the people whom somebody named, and the faces and voices that nobody did.

import * as runs from "./runs.js";

const COLOURS = 8;

/**
 * Rows of people and lanes of things.
 *
 * A row has `key` (what corrections are said about), `name` or null, `faces` (ids), `voices` (labels), `guessed`
 * (voices that nobody linked to it), `seen` and `speaking` (runs), `chip` (number of its picture or null), `colour`.
 * Whoever was there `former` keeps place, number and colour; others follow by how long they are seen.
 */
export const derive = (data, former = []) => {
  const faces = new Map(data.lanes.filter((lane) => lane.label === "face").map((lane) => [lane.id, lane]));
  const free = new Map(faces);
  const voices = new Map(Object.entries(data.voices));
  const rows = [];
  const taken = (ids) => {
    const guessed = Object.entries(data.mouths).filter(([label, face]) => ids.includes(face) && voices.has(label)).map(([label]) => label);
    guessed.forEach((label) => voices.delete(label));
    return guessed;
  };
  for (const person of data.review?.people ?? []) {
    const own = person.faces.filter((id) => faces.has(id));
    const heard = person.voices.filter((label) => voices.has(label));
    own.forEach((id) => free.delete(id));
    heard.forEach((label) => voices.delete(label));
    rows.push({ key: person.id, name: person.name, faces: own, voices: heard, guessed: taken(own) });
  }
  for (const id of free.keys()) { rows.push({ key: id, name: null, faces: [id], voices: [], guessed: taken([id]) }); }
  for (const label of voices.keys()) { rows.push({ key: label, name: null, faces: [], voices: [label], guessed: [] }); }
  for (const row of rows) {
    row.seen = runs.union(...row.faces.map((id) => faces.get(id).seen));
    row.speaking = runs.union(...row.faces.map((id) => faces.get(id).speaking), ...row.voices.map((label) => data.voices[label]));
    row.size = runs.length(row.seen);
    const known = former.findIndex((other) => [...row.faces, ...row.voices].some((name) => other.faces.includes(name) || other.voices.includes(name)));
    row.place = known < 0 ? former.length : known;
    row.chip = row.faces.length ? faces.get(row.faces[0]).chip : null;
    row.title = row.name ?? row.faces[0] ?? row.voices[0] ?? row.key;
  }
  const natural = (one, other) => one.title.localeCompare(other.title, undefined, { numeric: true });
  const shown = rows.filter((row) => row.seen.length || row.speaking.length)
    .sort((one, other) => one.place - other.place || other.size - one.size || natural(one, other));
  shown.forEach((row, index) => { row.colour = index % COLOURS; row.number = index < 9 ? index + 1 : null; });
  const things = data.lanes.filter((lane) => lane.label !== "face");
  return { rows: shown, things };
};

/** The face of a row that is seen in a frame, or null. */
export const faceAt = (data, row, frame) =>
  row.faces.find((id) => runs.holds(data.lanes.find((lane) => lane.id === id).seen, frame)) ?? null;

/** The row that a face id or a voice label belongs to. */
export const rowOf = (rows, name) =>
  rows.find((row) => row.key === name || row.faces.includes(name) || row.voices.includes(name) || row.guessed.includes(name)) ?? null;

/** Who is heard in a frame and from when to when: the shortest turn that holds it, or null. */
export const turnAt = (data, frame) => {
  const turns = [...Object.values(data.voices), ...data.lanes.map((lane) => lane.speaking)].map((lane) => runs.at(lane, frame));
  return turns.filter(Boolean).sort((one, other) => (one[1] - one[0]) - (other[1] - other[0]))[0] ?? null;
};

/** The shot that holds a frame. */
export const shotAt = (data, frame) => runs.at(data.scenes, frame) ?? [1, data.video.frames];
