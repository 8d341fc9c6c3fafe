// The start page: fifty projects, and what changes of them as it changes.

import * as texts from "../review/texts.js";
import { element, projectRow, stateNames } from "./row.js";
import { get, open, send } from "./server.js";

const { _ } = texts;
const byId = (id) => document.getElementById(id);
const root = new URL("./", document.baseURI).pathname;
/** Milliseconds between questions where no events come: some proxies hold them back. */
const POLL = 10000;
const TYPED = 250;

const session = await open(root);
await texts.load(localStorage.getItem("mediaflow.language") ?? session.language);
const shown = { rows: [], after: null, before: [], paused: false };

byId("title").textContent = document.title = _("Projects");
byId("search").placeholder = _("Find a project");
byId("search").setAttribute("aria-label", _("Find a project"));
byId("state").setAttribute("aria-label", _("State"));
byId("state").replaceChildren(
  element("option", { value: "", textContent: _("All") }),
  ...Object.entries(stateNames()).map(([state, name]) => element("option", { value: state, textContent: name })),
);
byId("older").textContent = `${_("Older")} ›`;
byId("newer").textContent = `‹ ${_("Newer")}`;
byId("months-title").textContent = _("Monthly reports");
byId("words").textContent = _("Search in what was said");

const tell = (sentence) => {
  byId("notice").textContent = sentence;
  byId("notice").hidden = !sentence;
};

/** What became of a project. */
const DONE = {
  first: (project) => _("%(project)s goes first.", { project }),
  retry: (project) => _("%(project)s is tried again.", { project }),
  approve: (project) => _("%(project)s is approved.", { project }),
  "leave-out": (project) => _("%(project)s will be delivered without.", { project }),
};

const act = async (key, action) => {
  try {
    const { rows } = await send(root, `api/projects/${encodeURIComponent(key)}/${action}`, {});
    rows.forEach(replace);
    tell(DONE[action](rows[0]?.name ?? key));
  } catch (error) { tell(error.message); }
};
const drawn = (row) => projectRow(row, { root, ui: document.body.dataset.ui, act: session.may_write ? act : null });

const replace = (row) => {
  const item = [...byId("projects").children].find((one) => one.dataset.key === row.key);
  item?.replaceWith(drawn(row));
  return Boolean(item);
};

const showQueue = (paused) => {
  shown.paused = paused;
  byId("queue").hidden = !session.may_write || !document.body.dataset.ui;
  byId("queue").textContent = paused ? _("Resume the queue") : _("Pause the queue");
  if (paused) { tell(_("The queue is paused: what waits, waits.")); } else if (byId("notice").textContent === _("The queue is paused: what waits, waits.")) { tell(""); }
};

const load = async () => {
  const asked = new URLSearchParams({ state: byId("state").value, q: byId("search").value, after: shown.before.at(-1) ?? "" });
  const page = await get(`${root}api/projects?${asked}`);
  byId("projects").replaceChildren(...page.rows.map(drawn));
  if (!page.rows.length) { byId("projects").append(element("li", { className: "soft", textContent: _("No project.") })); }
  byId("count").textContent = `${page.total.toLocaleString(document.documentElement.lang)}`;
  shown.after = page.after;
  byId("older").hidden = !page.after;
  byId("newer").hidden = !shown.before.length;
  byId("months").replaceChildren(...page.months.map((month) =>
    element("li", {}, element("a", { href: `${root}months/${month}.html`, textContent: month }))));
  byId("months-card").hidden = !page.months.length;
  if (page.notice) { tell(page.notice); }
  showQueue(page.paused);
  document.body.dataset.ready = "true";
};

let typing = 0;
const again = () => { shown.before = []; load(); };
byId("search").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(again, TYPED); });
byId("state").addEventListener("change", again);
byId("older").addEventListener("click", () => { shown.before.push(shown.after); load(); scrollTo(0, 0); });
byId("newer").addEventListener("click", () => { shown.before.pop(); load(); scrollTo(0, 0); });
byId("queue").addEventListener("click", async () => {
  try { showQueue((await send(root, "api/queue", { paused: !shown.paused })).paused); } catch (error) { tell(error.message); }
});

await load();

const live = (yes) => {
  byId("live").textContent = yes ? _("up to date") : _("offline");
  byId("live").className = yes ? "badge good" : "badge";
};
let polling = 0;
const events = new EventSource(`${root}events`);
events.addEventListener("open", () => { live(true); clearInterval(polling); polling = 0; });
events.addEventListener("rows", (event) => {
  const news = JSON.parse(event.data);
  showQueue(news.paused);
  // A project that is not on the page may belong there now, and one that is here elsewhere.
  const elsewhere = news.rows.filter((row) => !replace(row));
  if (news.reload || byId("state").value || (elsewhere.length && !shown.before.length)) { load(); }
});
events.addEventListener("error", () => {
  live(false);
  polling ||= setInterval(() => load().then(() => live(true), () => live(false)), POLL);
});
