// One project: its state, and its videos with their report and review.

import * as texts from "../review/texts.js";
import { element, projectRow } from "./row.js";
import { get, open, send } from "./server.js";

const { _ } = texts;
const byId = (id) => document.getElementById(id);
const root = new URL("../../", document.baseURI).pathname;
const { project, name, ui } = document.body.dataset;
const key = encodeURIComponent(project);

const session = await open(root);
await texts.load(localStorage.getItem("mediaflow.language") ?? session.language);
byId("title").textContent = document.title = name;
byId("to-projects").textContent = `‹ ${_("Projects")}`;
byId("videos-title").textContent = _("Videos");

const act = async (_key, action) => {
  try {
    await send(root, `api/projects/${key}/${action}`, {});
    await load();
  } catch (error) {
    byId("notice").textContent = error.message;
    byId("notice").hidden = false;
  }
};

const video = (one) => {
  const id = encodeURIComponent(one.id);
  const picture = element("img", { className: "picture", alt: "", loading: "lazy", width: 152, height: 86, src: `${root}api/thumbnails/${key}.jpg?video=${id}` });
  picture.addEventListener("error", () => picture.replaceWith(element("span", { className: "picture" })));
  const problem = one.problem || one.missing;
  const title = one.reviewable ? element("a", { href: `review/${id}`, textContent: one.path }) : element("span", { textContent: one.path });
  return element(
    "li", { className: "card project" },
    picture,
    element(
      "div", {},
      element("div", { className: "title" }, title),
      element("div", { className: "meta", textContent: one.frames ? texts.duration(one.frames) : "" }),
      problem ? element("p", { className: "sentence bad", textContent: problem }) : null,
      element(
        "div", { className: "links" },
        one.report ? element("a", { href: `${root}${key}/${id}.html`, textContent: _("Report") }) : null,
        one.reviewable ? element("a", { href: `review/${id}`, textContent: _("Review") }) : null,
      ),
    ),
  );
};

const load = async () => {
  const known = await get(`${root}api/projects/${key}`);
  byId("projects").replaceChildren(...(known.row ? [projectRow(known.row, { root, ui, act: session.may_write ? act : null })] : []));
  byId("videos").replaceChildren(...known.videos.map(video));
  document.body.dataset.ready = "true";
};
await load();
