// The review page: puts the parts together and keeps what they share.

import * as api from "./api.js";
import * as dialogs from "./dialogs.js";
import * as keys from "./keys.js";
import * as model from "./model.js";
import * as people from "./people.js";
import * as runs from "./runs.js";
import * as texts from "./texts.js";
import * as tracks from "./tracks.js";
import { actionName, buttonText } from "./action_names.js";
import { actions } from "./actions.js";
import { Saving } from "./saving.js";
import { Stage, boxUnder, drawBoxes } from "./stage.js";
import { Timeline } from "./timeline.js";

const { _ } = texts;
const byId = (id) => document.getElementById(id);
const NEWS = 5000;

const state = {
  data: null, people: { rows: [], things: [] }, frame: 1, selected: null, asked: false, mode: null, span: null,
  holding: null, doubt: null, proposals: [], told: null, applying: false, mayWrite: false, playing: () => false,
};

const session = await api.open();
await Promise.all([texts.load(localStorage.getItem("mediaflow.language") ?? session.language), keys.load()]);
state.mayWrite = session.may_write;
document.body.classList.toggle("reading", !session.may_write);

const words = {
  "to-project": `‹ ${_("Project")}`, undo: _("Undo"), redo: _("Redo"), "history-button": _("History"), "people-title": _("People"),
  "lanes-title": _("Timeline"), "name-cancel": _("Cancel"), "name-ok": _("Save"), "ask-no": _("No"), "ask-yes": _("Yes"),
  "history-title": _("History"), "history-close": _("Close"), "help-title": _("Keys"), "help-close": _("Close"), "help-reset": _("Original keys"),
  "help-hint": _("Click a key to change it. The keys stay in this browser."), "no-video": _("There is no video any more: corrections are still possible on the lanes."), status: _("Loading…"),
};
for (const [id, text] of Object.entries(words)) { byId(id).textContent = text; }
for (const button of document.querySelectorAll("[data-action]")) {
  const { action } = button.dataset;
  button.title = `${actionName(action)}${keys.shown(action) ? ` (${keys.shown(action)})` : ""}`;
  button.setAttribute("aria-label", actionName(action));
}
dialogs.prepare();
byId("title").textContent = document.body.dataset.name;
document.title = document.body.dataset.name;

const first = await api.look();
const stage = new Stage(byId("video"), byId("overlay"), first.video.frames, () => show());
state.playing = () => stage.playing;
const timeline = new Timeline({
  lanes: byId("lanes"), labels: byId("labels"), canvas: byId("lanes-canvas"), minimap: byId("minimap"),
  go: (frame) => stage.go(frame), select: (key) => act("point", null, key),
});

const saving = new Saving({
  head: () => state.data.head,
  taken: (data) => { if (!saving.waiting.length) { use(data); } else { state.data.head = data.head; tracks.use(data, show); } },
  refused: async (error) => {
    tell(error ? (error.stale ? _("Somebody else corrected in the meantime: the page is up to date, do your last action again.") : error.message) : _("The server does not answer; the correction is not saved."));
    try { use(await api.look()); } catch { /* the sentence is shown already */ }
  },
  changed: () => status(),
});

/** Send edits; what they change is shown at once where that is simple, and as the server says when it answers. */
const say = (edits, change) => {
  if (!state.mayWrite) { return Promise.resolve(null); }
  state.told = null;
  const answer = saving.add((head) => api.correct(head, edits));
  if (change) {
    const data = structuredClone(state.data);
    change(data);
    use(data);
  }
  return answer;
};
const take = (options) => { if (state.mayWrite) { saving.add((head) => api.undo(head, options)); } };
const tell = (sentence) => { state.told = sentence; status(); };
const update = (changes) => { Object.assign(state, changes); show(); status(); };
const does = actions({ state, say, tell, update });

/** The name of the cast register that is proposed for a row, or null. */
const mightBe = (row) => {
  const own = [row.key, ...row.faces, ...row.voices, ...row.guessed];
  return state.mayWrite && !row.name ? state.proposals.find(({ who }) => own.includes(who))?.name ?? null : null;
};

const use = (data) => {
  const chosen = state.people.rows.find((row) => row.key === state.selected);
  state.data = data;
  state.people = model.derive(data, state.people.rows);
  tracks.use(data, show);
  // Ids of people are numbered anew after each correction: who is selected is found again by face or voice.
  if (chosen) {
    const again = [...chosen.faces, ...chosen.voices].map((name) => model.rowOf(state.people.rows, name)).find(Boolean);
    state.selected = again?.key ?? null;
  }
  timeline.use(data, state.people, marks());
  people.list(byId("people"), state.people.rows, { select: (key) => act("point", null, key), act, keyOf: keys.shown, mightBe });
  byId("undo").disabled = !data.may_undo;
  byId("redo").disabled = !data.may_redo;
  showDoubt();
  status();
  show();
};

const colour = (row) => getComputedStyle(document.body).getPropertyValue(`--c${row.colour}`).trim();

const boxes = () => tracks.boxesAt(state.frame).map((box) => {
  const row = model.rowOf(state.people.rows, box.id);
  if (!row) { return { ...box, text: state.data.lanes.find((lane) => lane.id === box.id)?.label ?? box.id, colour: "#6b7683", soft: true }; }
  const speaking = runs.holds(row.speaking, state.frame);
  return { ...box, row, text: `${row.number ? `${row.number} ` : ""}${row.title}${speaking ? " ●" : ""}`, colour: colour(row), selected: row.key === state.selected, speaking };
});

const marks = () => {
  const found = [];
  const doubt = state.data?.doubts[state.doubt?.index];
  if (doubt && state.doubt.shown) { found.push({ kind: "doubt", first: doubt.frame, last: doubt.frame }); }
  const [from, to] = state.holding ? [state.holding.from, state.frame] : state.span ?? [];
  if (from || to) { found.push({ kind: "span", first: from ?? to, last: to ?? from }); }
  return found;
};

const show = () => {
  if (!state.data) { return; }
  state.frame = stage.frame;
  const { frame } = state;
  byId("time").textContent = texts.timecode(frame);
  byId("frame").textContent = _("frame %(n)s / %(total)s", { n: frame, total: state.data.video.frames });
  byId("speed").textContent = stage.speed > 1 || stage.backwards ? _("× %(n)s", { n: stage.backwards ? -stage.speed : stage.speed }) : "";
  byId("span").textContent = state.span ? _("span %(from)s – %(to)s", { from: state.span[0] ?? "…", to: state.span[1] ?? "…" }) : "";
  byId("play").textContent = stage.playing ? "❚❚" : "▶";
  const seconds = (frame - 0.5) / 25;
  const heard = state.data.words.filter(([start]) => Math.abs(start - seconds) < 3);
  byId("caption").textContent = heard.map((word) => word[2]).join(" ");
  drawBoxes(byId("overlay"), state.data.video, boxes());
  timeline.show(frame, state.selected, marks());
  people.mark(byId("people"), state.people.rows, state.selected, frame);
};

const status = () => {
  if (!state.data) { return; }
  const element = byId("status");
  const row = state.people.rows.find((one) => one.key === state.selected);
  const who = row?.title ?? "";
  const mode = state.holding ? _("Speech of %(who)s…", { who: state.holding.row.title })
    : state.mode === "merge" ? _("Merge %(who)s with… (1–9 or a click; Esc gives up)", { who })
      : state.mode === "swap" ? _("Swap %(who)s from this frame on with… (1–9)", { who })
        : state.mode === "speaks" ? _("Who speaks here? (1–9, 0: nobody)") : null;
  const { data } = state;
  const delivered = data.delivered ? _("Saved · delivered at %(time)s", { time: texts.clock(data.delivered_at) }) : _("Saved · the delivery follows");
  const saved = saving.pending ? _("Saving…") : data.versions.length ? delivered : _("No corrections");
  element.textContent = mode ?? state.told ?? (state.mayWrite ? saved : _("Reading only"));
  element.classList.toggle("bad", !mode && Boolean(state.told));
  const button = byId("apply");
  button.hidden = !state.mayWrite || data.delivered || !data.versions.length || Boolean(saving.pending);
  button.disabled = state.applying;
  button.textContent = state.applying ? _("Delivering…") : _("Deliver now");
  document.body.dataset.pending = saving.pending;
  document.body.dataset.head = data.head;
};

/** What is asked about a doubt. */
const doubtText = ({ kind, why }, who) => ({
  edit: () => _("A correction does not hold any more: %(why)s", { why }),
  unnamed: () => _("Who is %(who)s?", { who }),
  speaker: () => _("Do two people really speak at once?"),
  voice: () => _("%(who)s is heard, but no face speaks. Who is it?", { who }),
  jump: () => _("%(who)s is suddenly elsewhere: is it still the same person?", { who }),
  cut: () => _("Is this really a cut?"),
})[kind]();

const doubtKey = (doubt) => `${doubt.kind}:${doubt.frame}:${doubt.who}`;

const showDoubt = () => {
  const { doubts } = state.data;
  const known = state.doubt && doubts.findIndex((doubt) => doubtKey(doubt) === state.doubt.key);
  if (state.doubt) {
    // One that is answered is gone: the next one takes its place and is shown when it is asked for.
    const gone = known < 0;
    state.doubt = { ...state.doubt, shown: !gone && state.doubt.shown, index: gone ? state.doubt.index : known };
  }
  const doubt = state.doubt?.shown ? doubts[state.doubt.index] : null;
  byId("doubt-title").textContent = doubts.length ? _("To look at: %(n)s", { n: doubts.length }) : _("Nothing to look at");
  byId("next-doubt").textContent = _("Next");
  byId("next-doubt").disabled = byId("previous-doubt").disabled = doubts.length === 0;
  const who = doubt && (model.rowOf(state.people.rows, tracks.shownId(doubt.who, doubt.frame) ?? doubt.who)?.title ?? doubt.who);
  byId("doubt-text").textContent = doubt ? `${_("%(n)s of %(total)s", { n: state.doubt.index + 1, total: doubts.length })} · ${doubtText(doubt, who)}` : "";
  const answers = { edit: ["keep", "drop"], unnamed: ["name", "ignore"], jump: ["swap", "split"], cut: ["remove_cut"], speaker: ["nobody"], voice: ["nobody"] };
  byId("doubt-answers").replaceChildren(...(doubt ? answers[doubt.kind] : []).map((answer) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: buttonText(answer) });
    const action = answer === "remove_cut" ? "cut" : answer;
    if (keys.shown(action)) { button.append(Object.assign(document.createElement("kbd"), { textContent: action === "nobody" ? "0" : keys.shown(action) })); }
    button.addEventListener("click", () => { if (["keep", "drop"].includes(answer)) { does[answer](doubt.who); } else { act(action); } });
    return button;
  }));
};

const goDoubt = (step) => {
  const { doubts } = state.data;
  if (!doubts.length) { return; }
  const from = state.doubt ? state.doubt.index + (state.doubt.shown || step < 0 ? step : 0) : step > 0 ? 0 : -1;
  const index = (from + doubts.length) % doubts.length;
  const doubt = doubts[index];
  const who = doubt.who && model.rowOf(state.people.rows, tracks.shownId(doubt.who, doubt.frame) ?? doubt.who);
  state.doubt = { index, key: doubtKey(doubt), shown: true };
  stage.stop();
  stage.go(doubt.frame);
  const asks = ["unnamed", "jump"].includes(doubt.kind);
  update({ selected: asks && who ? who.key : null, asked: doubt.kind === "unnamed", span: null, mode: ["speaker", "voice"].includes(doubt.kind) ? "speaks" : null });
  showDoubt();
};

const goCut = (step) => {
  const begins = state.data.scenes.map(([begin]) => begin);
  const found = step > 0 ? begins.find((begin) => begin > state.frame) ?? state.data.video.frames : begins.findLast((begin) => begin < state.frame) ?? 1;
  stage.stop();
  stage.go(found);
};

const title = (name) => model.rowOf(state.people.rows, name)?.title ?? name;

const looks = {
  play: () => stage.toggle(), backward: () => stage.backward(), stop: () => stage.stop(), forward: () => stage.forward(),
  previous_frame: (event) => stage.step(event?.shiftKey ? -10 : -1), next_frame: (event) => stage.step(event?.shiftKey ? 10 : 1),
  previous_cut: () => goCut(-1), next_cut: () => goCut(1), next_doubt: () => goDoubt(1), previous_doubt: () => goDoubt(-1),
  zoom_in: () => timeline.zoom(0.5), zoom_out: () => timeline.zoom(2), help: () => dialogs.help(), escape: () => { state.told = null; does.escape(); },
  history: () => dialogs.history(state.data.versions, title, state.mayWrite, (version) => take({ version })),
  next_face: () => does.next_face(), person: (event, number) => does.person(number, event.shiftKey), point: (event, key) => does.point(key),
};
/** While it plays only who is heard is said: for everything else the frame has to stand. */
const PLAYING = ["speaks", "nobody", "mark_in", "mark_out"];

const act = (action, event = null, value = undefined) => {
  state.told = null;
  if (looks[action]) { looks[action](event, value); return; }
  if (!state.mayWrite) { return; }
  if (action === "apply") { apply(); return; }
  if (action === "undo" || action === "redo") { take({ redo: action === "redo" }); return; }
  if (event?.repeat) { return; }
  if (stage.playing && !PLAYING.includes(action)) { stage.stop(); }
  does[action]?.(event, value);
};

/** What the daemon does by itself after a while, unless REVIEW_APPLY=ask. */
const apply = async () => {
  state.applying = true;
  status();
  try {
    await api.apply(state.data.head);
    const { delivered, delivered_at } = await api.news();
    Object.assign(state.data, { delivered, delivered_at });
  } catch (error) { state.told = error.message; }
  state.applying = false;
  status();
};

keys.listen(act, (action) => { if (action === "speaks") { does.letGo(); } });
for (const button of document.querySelectorAll("button[data-action]")) {
  button.addEventListener("click", (event) => act(button.dataset.action, event));
}
stage.onClick = (event) => {
  const box = boxUnder(event, byId("overlay"), state.data.video, boxes().filter((one) => one.row));
  if (!box) { stage.toggle(); return; }
  does.point(box.row.key);
};

use(first);
byId("no-video").hidden = first.video.playable;
if (first.video.playable) { stage.load(api.video()); }
const asked = /^#t=(\d+(?:\.\d+)?)/.exec(location.hash);
if (asked) { stage.go(Math.floor(Number(asked[1]) * 25 + 0.01) + 1); }
if (first.video.has_audio && first.video.playable) {
  api.wave().then((loud) => { timeline.wave = loud; timeline.use(state.data, state.people, marks()); });
}
api.proposals().then((found) => { if (found.length) { state.proposals = found; use(state.data); } }, (error) => tell(error.message));
show();
document.body.dataset.ready = "true";

/** Somebody else corrected, or the delivery is through. */
const listen = async () => {
  if (document.visibilityState === "visible" && !saving.pending) {
    try {
      const news = await api.news();
      if (saving.pending) { return; }
      if (news.head !== state.data.head) { use(await api.look()); }
      Object.assign(state.data, { delivered: news.delivered, delivered_at: news.delivered_at });
      status();
    } catch { /* the next time */ }
  }
};
setInterval(listen, NEWS);
