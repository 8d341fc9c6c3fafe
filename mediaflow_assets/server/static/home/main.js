// The start page: fifty projects, and what changes of them as it changes.

import * as texts from "../review/texts.js";
import { element, projectRow } from "./row.js";
import { get, open, send } from "./server.js";

const { t } = texts;
const byId = (id) => document.getElementById(id);
const root = new URL("./", document.baseURI).pathname;
const STATES = ["received", "queued", "running", "waiting", "failed", "delivered", "partly delivered", "archived"];
/** Milliseconds between questions where no events come: some proxies hold them back. */
const POLL = 10000;
const TYPED = 250;

const session = await open(root);
await texts.load(localStorage.getItem("mediaflow.language") ?? session.language);
const shown = { rows: [], after: null, before: [], paused: false };

byId("title").textContent = document.title = t("projects");
byId("search").placeholder = t("search");
byId("search").setAttribute("aria-label", t("search"));
byId("state").setAttribute("aria-label", t("state"));
byId("state").replaceChildren(
  element("option", { value: "", textContent: t("state_all") }),
  ...STATES.map((state) => element("option", { value: state, textContent: t(`state_${state}`) })),
);
byId("older").textContent = `${t("older")} ›`;
byId("newer").textContent = `‹ ${t("newer")}`;
byId("months-title").textContent = t("months");
byId("words").textContent = t("search_words");

const tell = (sentence) => {
  byId("notice").textContent = sentence;
  byId("notice").hidden = !sentence;
};

const act = async (key, action) => {
  try {
    const { rows } = await send(root, `api/projects/${encodeURIComponent(key)}/${action}`, {});
    rows.forEach(replace);
    tell(`${rows[0]?.name ?? key} ${t(`done_${action.replace("-", "_")}`)}.`);
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
  byId("queue").textContent = t(paused ? "resume" : "pause");
  if (paused) { tell(t("paused")); } else if (byId("notice").textContent === t("paused")) { tell(""); }
};

const load = async () => {
  const asked = new URLSearchParams({ state: byId("state").value, q: byId("search").value, after: shown.before.at(-1) ?? "" });
  const page = await get(`${root}api/projects?${asked}`);
  byId("projects").replaceChildren(...page.rows.map(drawn));
  if (!page.rows.length) { byId("projects").append(element("li", { className: "soft", textContent: t("none") })); }
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
  byId("live").textContent = t(yes ? "live" : "not_live");
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
