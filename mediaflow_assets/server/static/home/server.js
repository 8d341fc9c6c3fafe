// Questions to the server and orders to it, for the start page and the pages of projects.

let token = null;

export const open = async (root) => {
  const session = await (await fetch(`${root}api/session`)).json();
  token = session.token;
  return session;
};

export const get = async (url) => {
  const answer = await fetch(url, { cache: "no-store" });
  if (!answer.ok) { throw new Error(await answer.text()); }
  return answer.json();
};

/** Send an order; the answer, or an error with the server's sentence. */
export const send = async (root, path, body, again = true) => {
  const answer = await fetch(`${root}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Review-Token": token ?? "" },
    body: JSON.stringify(body),
  });
  if (answer.status === 403 && again) {
    await open(root);
    return send(root, path, body, false);
  }
  const text = await answer.text();
  if (!answer.ok) {
    let sentence = text;
    try { ({ sentence } = JSON.parse(text)); } catch { /* it is the sentence */ }
    throw new Error(sentence);
  }
  return JSON.parse(text);
};
