// One project in a list: what it is, where it is, and what can be done about it.

import { _, day, percent, pgettext } from "../review/texts.js";

export const element = (tag, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children.filter((child) => child !== null));
  return made;
};

/** State of a project to what it is called. */
export const stateNames = () => ({
  received: _("received"),
  queued: _("queued"),
  running: _("running"),
  waiting: _("waits for a person"),
  failed: _("failed"),
  delivered: _("delivered"),
  "partly delivered": _("partly delivered"),
  archived: _("archived"),
});

/** What a person can do about a project. */
const ACTIONS = {
  first: () => pgettext("button", "First"),
  retry: () => _("Retry"),
  approve: () => _("Approve"),
  "leave-out": () => _("Deliver without"),
};

const KINDS = { failed: "bad", waiting: "warn", running: "run", queued: "run", delivered: "good", "partly delivered": "warn" };

const left = (seconds) => {
  const minutes = Math.round(seconds / 60);
  return seconds < 90 ? `${seconds} s` : minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
};

/** What may be done now. */
const possible = ({ status, approves }) => {
  if (!status) { return []; }
  if (status.state === "queued") { return ["first"]; }
  if (status.state === "failed") { return ["retry"]; }
  if (approves) { return ["approve"]; }
  if (status.state === "waiting") { return ["retry", ...(status.left_out.length ? ["leave-out"] : [])]; }
  return status.state === "partly delivered" || status.state === "received" ? ["retry"] : [];
};

const copy = (path) => {
  const button = element("button", { type: "button", textContent: _("Delivery"), title: path });
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(path); button.textContent = _("Copied"); } catch { button.textContent = path; }
  });
  return button;
};

/** Args: `root` (address of the start page), `ui` (of Dagster's, or ""), `act(key, action)` or null. */
export const projectRow = (row, { root, ui, act }) => {
  const { status } = row;
  const state = status?.state ?? "archived";
  const key = encodeURIComponent(row.key);
  const picture = element(row.videos && status ? "img" : "span", { className: "picture", alt: "", loading: "lazy", width: 152, height: 86, src: `${root}api/thumbnails/${key}.jpg` });
  picture.addEventListener("error", () => picture.replaceWith(element("span", { className: "picture" })));
  const work = status?.stage && status.percent !== null
    ? `${status.stage} · ${percent(status.percent)}${status.eta_seconds === null ? "" : ` · ${_("%(n)s left", { n: left(status.eta_seconds) })}`}` : status?.stage ?? "";
  const sentence = status?.sentence
    ? element("p", { className: state === "failed" ? "sentence bad" : "sentence", textContent: status.sentence }) : null;
  const bar = status?.state === "running" && status.percent !== null ? element("progress", { max: 100, value: status.percent }) : null;
  bar?.setAttribute("aria-label", work);
  const links = element(
    "div", { className: "links" },
    row.report ? element("a", { href: `${root}${key}/report.html`, textContent: _("Report") }) : null,
    row.videos ? element("a", { href: `${root}p/${key}/`, textContent: _("Review") }) : null,
    status?.delivery ? copy(status.delivery) : null,
    ui && row.run ? element("a", { href: `${ui}/runs/${row.run}`, textContent: pgettext("button", "Run") }) : null,
  );
  const tools = element("div", { className: "tools" }, ...(act ? possible(row) : []).map((action) => {
    const button = element("button", { type: "button", textContent: ACTIONS[action]() });
    button.addEventListener("click", () => act(row.key, action));
    return button;
  }));
  const item = element(
    "li", { className: "card project" },
    picture,
    element(
      "div", {},
      element("div", { className: "title" }, element("a", { href: `${root}p/${key}/`, textContent: row.name })),
      element("div", { className: "meta" }, [_("received %(when)s", { when: day(row.since) }), work].filter(Boolean).join(" · ")),
      bar, sentence, links,
    ),
    element("div", { className: "side" }, element("span", { className: `badge ${KINDS[state] ?? ""}`, textContent: stateNames()[state] }), tools),
  );
  item.dataset.key = row.key;
  item.dataset.state = state;
  return item;
};
