// What the page asks the server for and sends to it.

const root = new URL("../../../", document.baseURI);
const { sha256, project } = document.body.dataset;
const about = (path) => {
  const url = new URL(path, root);
  url.searchParams.set("project", project);
  return url;
};
let session = { token: null, may_write: false, user: "", language: "fr" };

/** What the server answers when it does not take a correction: a sentence, and whether somebody else was faster. */
export class Refused extends Error {
  constructor(sentence, stale) {
    super(sentence);
    this.stale = stale;
  }
}

export const open = async () => {
  session = await (await fetch(new URL("api/session", root))).json();
  return session;
};

export const page = (path) => new URL(path, root).href;

const json = async (path) => {
  const answer = await fetch(about(path), { cache: "no-store" });
  if (!answer.ok) { throw new Refused(await sentence(answer), false); }
  return answer.json();
};

export const look = () => json(`api/review/${sha256}`);
export const proposals = async () => (await json(`api/cast/${sha256}`)).proposals;
export const news = () => json(`api/news/${sha256}`);

export const wave = async () => {
  const answer = await fetch(about(`api/wave/${sha256}`));
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array();
};

export const chunk = async (tracking, number) => {
  const answer = await fetch(new URL(`api/tracks/${tracking}/${number}`, root));
  return answer.ok ? answer.json() : { objects: [] };
};

export const chip = (number) => about(`api/chips/${sha256}/${number}.jpg`).href;
export const video = () => new URL(`media/${encodeURIComponent(project)}/${encodeURIComponent(document.body.dataset.video)}.mp4`, root).href;

export const correct = (head, edits) => post(`api/corrections/${sha256}`, head, { edits });
export const apply = (head) => post(`api/apply/${encodeURIComponent(project)}`, head, {});
export const undo = (head, options) => post(`api/undo/${sha256}`, head, options);

const post = async (path, head, body, again = true) => {
  const answer = await fetch(about(path), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Review-Token": session.token ?? "", "If-Match": `"${head}"` },
    body: JSON.stringify(body),
  });
  if (answer.status === 403 && again) { // the program was started again since the page was opened
    await open();
    return post(path, head, body, false);
  }
  if (!answer.ok) { throw new Refused(await sentence(answer), answer.status === 412); }
  return answer.json();
};

const sentence = async (answer) => {
  const text = await answer.text();
  try { return JSON.parse(text).sentence; } catch { return text; }
};
