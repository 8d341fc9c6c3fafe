// What the keys and buttons do: each makes corrections in the words of the server's wishes.

import * as model from "./model.js";
import * as runs from "./runs.js";
import * as tracks from "./tracks.js";
import { askText, askWhether } from "./dialogs.js";
import { _ } from "./texts.js";

/** Frames that a person needs to press a key, taken off when it was pressed while playing. */
const REACTION = 5;
/** Frames around a cut in which it is meant. */
const NEAR = 3;
const folded = (name) => name.normalize("NFC").toLowerCase().replace(/\s+/g, " ").trim();

/**
 * Args:
 *   state: `data`, `people`, `frame`, `selected`, `asked` (whether it is asked who that is), `mode`, `span`, `playing`.
 *   say(edits, change): sends edits; `change(data)` shows them before the server answers.
 *   tell(sentence), update(changes).
 */
export const actions = ({ state, say, tell, update, toggle }) => {
  const selected = () => state.people.rows.find((row) => row.key === state.selected) ?? null;
  const numbered = (number) => state.people.rows.find((row) => row.number === number) ?? null;
  const needed = () => {
    const row = selected();
    if (!row) { tell(_("Choose somebody first (1–9, F or a click).")); }
    return row;
  };
  const done = () => update({ mode: null, span: null });
  /** A row is spoken of by its person, or by its face or voice; of a guess, by both. */
  const members = (row) => [row.key, ...row.guessed];

  const name = async () => {
    const row = needed();
    if (!row) { return; }
    const others = state.people.rows.filter((other) => other.name && other !== row);
    const given = await askText(_("Who is %(who)s?", { who: row.title }), row.name ?? "", _("Empty takes the name back."), others.map((other) => other.name));
    if (given === null || given === (row.name ?? "")) { return; }
    if (!(await call(row, given))) { name(); }
  };

  /** Whether the row is called so now: a name that is there already is asked about first. */
  const call = async (row, given) => {
    const same = state.people.rows.find((other) => other.name && other !== row && folded(other.name) === folded(given));
    if (same && !(await askWhether(_("“%(name)s” is already there. Is it the same person?", { name: same.name })))) { return false; }
    say(members(row).map((who) => ({ op: "name", who, name: given })), (data) => {
      const known = data.review?.people.find((person) => person.id === row.key);
      if (known) { known.name = given || null; return; }
      data.review ??= { people: [] };
      data.review.people.push({ id: row.key, name: given, faces: row.faces, voices: [...row.voices, ...row.guessed] });
    });
    return true;
  };

  const merge = (row, into) => {
    if (row === into) { return; }
    say([{ op: "merge", who: [row.key], into: into.key }], null);
    update({ selected: into.key, mode: null, asked: false });
  };

  /** The face of a row that is to be cut in two at a frame; undefined when there is nothing on one of the sides. */
  const divisible = (row, frame) => row.faces.find((id) => {
    const { seen } = state.data.lanes.find((lane) => lane.id === id);
    return seen[0][0] < frame && seen.at(-1)[1] >= frame;
  });

  const split = () => {
    const row = needed();
    const face = row && (model.faceAt(state.data, row, state.frame) ?? divisible(row, state.frame));
    if (!row) { return; }
    if (!face) { tell(_("%(who)s is not seen in this frame.", { who: row.title })); return; }
    say([{ op: "split", who: face, from: state.frame }], null);
  };

  /** The ids that the parts of some faces from a frame on have after they were split there. */
  const parts = (before, after, faces, frame) => faces.map((id) => {
    const known = new Set(before.lanes.map((lane) => lane.id));
    const old = before.lanes.find((lane) => lane.id === id);
    const from = runs.at(old.seen, frame)?.[0] !== undefined ? frame : old.seen.find(([first]) => first > frame)?.[0];
    const boxes = tracks.boxesAt(from).map((box) => box.machine);
    const fresh = after.lanes.filter((lane) => !known.has(lane.id) && lane.seen[0][0] === from);
    return { id, fresh, boxes };
  });

  const swap = async (row, other) => {
    const { frame } = state;
    const before = state.data;
    await tracks.ready(frame);
    const machines = new Map(tracks.boxesAt(frame).map((box) => [box.id, box.machine]));
    const pair = [row, other].map((one) => model.faceAt(before, one, frame) ?? divisible(one, frame));
    const there = pair.filter((id, index) => id && divisible([row, other][index], frame) === id);
    if (!there.length) { tell(_("%(who)s is not seen in this frame.", { who: row.title })); return; }
    update({ mode: null });
    const after = await say(there.map((who) => ({ op: "split", who, from: frame })), null);
    if (!after) { return; }
    const merges = there.map((id) => {
      const machine = machines.get(id);
      const fresh = machine ? tracks.shownId(machine, frame) : parts(before, after, [id], frame)[0].fresh[0]?.id;
      const target = id === pair[0] ? pair[1] ?? other.key : pair[0] ?? row.key;
      return fresh && fresh !== id ? { op: "merge", who: [fresh], into: target } : null;
    }).filter(Boolean);
    if (merges.length) { say(merges, null); }
  };

  /** Who jumps in the same frame as somebody: the two have taken each other's place. */
  const jumpsToo = (row) => {
    const here = state.data.doubts.filter((doubt) => doubt.kind === "jump" && doubt.frame === state.frame)
      .map((doubt) => model.rowOf(state.people.rows, tracks.shownId(doubt.who, doubt.frame)));
    return here.includes(row) && here.length === 2 ? here.find((one) => one !== row) : null;
  };

  /** Only the part in this shot is that person. */
  const onlyHere = async (row, into) => {
    const face = model.faceAt(state.data, row, state.frame);
    if (!face) { tell(_("%(who)s is not seen in this frame.", { who: row.title })); return; }
    const [first, last] = model.shotAt(state.data, state.frame);
    const { frame } = state;
    await tracks.ready(frame);
    const machine = tracks.boxesAt(frame).find((box) => box.id === face)?.machine;
    const after = await say([{ op: "split", who: face, from: first, to: last }], null);
    const fresh = after && machine ? tracks.shownId(machine, frame) : null;
    if (fresh && fresh !== face) { say([{ op: "merge", who: [fresh], into: into.key }], null); }
  };

  const ignore = () => {
    const row = needed();
    if (!row) { return; }
    const members_ = new Set([...row.faces, ...row.voices]);
    say([{ op: "ignore", who: row.key }], (data) => { data.lanes = data.lanes.filter((lane) => !members_.has(lane.id)); });
    update({ selected: null });
  };

  /** From when to when somebody is said to speak: what was marked, or the turn that is heard here. */
  const span = () => state.span?.every(Number) ? state.span : model.turnAt(state.data, state.frame);

  const speaks = (row, where = span()) => {
    if (!where) { tell(_("Nobody is heard here; mark a span with I and O.")); return; }
    const [from, to] = where;
    // All of a voice that is nobody's is this face's; one turn of a voice that has a face is only that turn.
    say([{ op: "speaks", who: row ? row.key : null, from, to, value: row !== null }], null);
    done();
  };

  const cut = () => {
    const begins = state.data.scenes.map(([first]) => first).filter((first) => first > 1);
    const near = begins.find((first) => Math.abs(first - state.frame) <= NEAR && (first === state.frame || !begins.includes(state.frame)));
    const frame = near ?? state.frame;
    if (frame < 2) { return; }
    say([{ op: "cut", frame, value: near === undefined }], (data) => {
      const edges = data.scenes.map(([first]) => first).filter((first) => first !== frame);
      if (near === undefined) { edges.push(frame); }
      edges.sort((one, other) => one - other);
      data.scenes = edges.map((first, index) => [first, (edges[index + 1] ?? data.video.frames + 1) - 1]);
    });
  };

  const word = async () => {
    const seconds = (state.frame - 0.5) / 25;
    const found = state.data.words.find(([start, end]) => start <= seconds && seconds < end)
      ?? state.data.words.findLast(([start]) => start <= seconds);
    if (!found) { tell(_("There is no word here.")); return; }
    const [start, end, was] = found;
    const text = await askText(_("Correct “%(word)s”", { word: was }), was, "", []);
    if (text !== null && text !== was) { say([{ op: "word", start, end, text, was }], (data) => { data.words.find((one) => one[0] === start)[2] = text; }); }
  };

  const nextFace = () => {
    const here = state.people.rows.filter((row) => runs.holds(row.seen, state.frame));
    if (here.length) { update({ selected: here[(here.findIndex((row) => row.key === state.selected) + 1) % here.length].key, asked: true }); }
  };

  /** Somebody was pointed at, by number or by a click: what that means depends on what was asked for. */
  const chosen = (row, by, only = false) => {
    const own = selected();
    if (!row || (row === own && ["merge", "swap"].includes(state.mode))) { return; }
    if (state.mode === "speaks") { speaks(row); return; }
    if (!own || own === row) { update({ selected: row.key, mode: null, asked: false }); return; }
    if (state.mode === "swap") { swap(own, row); return; }
    if (state.mode === "merge") { merge(own, row); return; }
    if (state.asked && by === "number") {
      if (only) { onlyHere(own, row); } else { merge(own, row); }
      return;
    }
    update({ selected: row.key, asked: false });
  };

  const mark = (edge) => {
    const known = state.span ?? [null, null];
    const marked = edge === "in" ? [state.frame, known[1]] : [known[0], state.frame];
    if (marked[0] && marked[1] && marked[0] > marked[1]) { marked[edge === "in" ? 1 : 0] = null; }
    update({ span: marked, mode: marked[0] && marked[1] ? "speaks" : state.mode });
  };

  return {
    name, split, ignore, cut, word,
    accept: (event, { row, proposed }) => { call(row, proposed); },
    merge: () => { if (needed()) { update({ mode: "merge" }); } },
    swap: () => {
      const row = needed();
      const other = row && jumpsToo(row);
      if (other) { swap(row, other); } else if (row) { update({ mode: "swap" }); }
    },
    speaks: () => {
      const row = selected();
      if (state.playing() && row) { update({ holding: { row, from: Math.max(1, state.frame - REACTION) } }); return; }
      if (row) { speaks(row); } else if (span()) { update({ mode: "speaks" }); } else { tell(_("Nobody is heard here; mark a span with I and O.")); }
    },
    letGo: () => {
      if (!state.holding) { return; }
      const { row, from } = state.holding;
      const to = Math.max(from, state.frame - REACTION);
      update({ holding: null });
      speaks(row, [from, to]);
    },
    nobody: () => speaks(null),
    mark_in: () => mark("in"),
    mark_out: () => mark("out"),
    next_face: nextFace,
    person: (number, only) => chosen(numbered(number), "number", only),
    point: (key) => chosen(state.people.rows.find((row) => row.key === key) ?? null, "pointer"),
    escape: () => { if (state.mode || state.span) { done(); } else { update({ selected: null, asked: false }); } },
    keep: (edit) => say([{ op: "keep", edit }], null),
    drop: (edit) => say([{ op: "drop", edit }], null),
    toggle,
  };
};
