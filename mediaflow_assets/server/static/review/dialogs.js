// What is asked and listed: names, yes or no, the history, the keys.

import * as keys from "./keys.js";
import { actionName } from "./action_names.js";
import { _, day } from "./texts.js";

const byId = (id) => document.getElementById(id);

export const prepare = () => {
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
};

/** Ask for a text; null when the person gives up. */
export const askText = (title, value, hint, known) => new Promise((resolve) => {
  const [dialog, input] = [byId("name-dialog"), byId("name-input")];
  let answer = null;
  byId("name-title").textContent = title;
  byId("name-hint").textContent = hint;
  byId("known-names").replaceChildren(...known.map((name) => Object.assign(document.createElement("option"), { value: name })));
  input.value = value;
  const take = () => { answer = input.value.trim(); dialog.close(); };
  input.onkeydown = (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); take(); }
  };
  byId("name-ok").onclick = take;
  dialog.onclose = () => resolve(answer);
  dialog.showModal();
  input.select();
});

/** Ask yes or no; Enter is yes, Escape is no. */
export const askWhether = (question) => new Promise((resolve) => {
  const dialog = byId("ask-dialog");
  let answer = false;
  byId("ask-title").textContent = question;
  byId("ask-yes").onclick = () => { answer = true; dialog.close(); };
  byId("ask-no").onclick = () => dialog.close();
  dialog.onclose = () => resolve(answer);
  dialog.showModal();
  byId("ask-yes").focus();
});

const said = (edit, values) => {
  const sentences = {
    name: () => (edit.name ? _("%(who)s: “%(name)s”", values) : _("%(who)s: name taken back", values)),
    merge: () => _("%(who)s merged into %(into)s", values),
    split: () => _("%(who)s split from frame %(from)s to %(to)s", values),
    ignore: () => _("%(who)s ignored", values),
    link: () => (edit.face === null ? _("voice %(voice)s: off screen", values) : _("voice %(voice)s: %(face)s", values)),
    speaks: () => (edit.who === null ? _("nobody speaks, frames %(from)s–%(to)s", values)
      : edit.value === false ? _("%(who)s does not speak, frames %(from)s–%(to)s", values)
        : _("%(who)s speaks, frames %(from)s–%(to)s", values)),
    cut: () => (edit.value === false ? _("no cut at frame %(frame)s", values) : _("cut at frame %(frame)s", values)),
    word: () => _("“%(was)s” becomes “%(text)s”", values),
    keep: () => _("correction kept", values),
    drop: () => _("correction dropped", values),
  };
  return sentences[edit.op]();
};

const sentences = (version, title) => {
  if (version.undoes) { return [_("undo")]; }
  return version.edits.map((edit) => {
    const values = Object.fromEntries(Object.entries(edit).map(([key, value]) => [key, Array.isArray(value) ? value.map(title).join(", ") : value]));
    for (const key of ["who", "into", "face"]) { if (typeof values[key] === "string") { values[key] = title(values[key]); } }
    return said(edit, values);
  });
};

export const history = (versions, title, mayWrite, takeBack) => {
  byId("history-list").replaceChildren(...versions.map((version) => {
    const item = document.createElement("li");
    item.className = version.undone || version.undoes ? "undone" : "";
    const what = Object.assign(document.createElement("span"), { className: "what", textContent: sentences(version, title).join("; ") });
    const by = Object.assign(document.createElement("small"), { textContent: _("%(by)s, %(at)s (%(via)s)", { ...version, at: day(version.at) }) });
    const text = document.createElement("div");
    text.append(what, by);
    item.append(text);
    if (mayWrite && !version.undone && !version.undoes) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: _("Undo this") });
      button.addEventListener("click", () => { byId("history-dialog").close(); takeBack(version.version); });
      item.append(button);
    }
    return item;
  }));
  byId("history-dialog").showModal();
};

export const help = () => {
  const rows = [...Object.keys(keys.all()), "person"].map((action) => {
    const row = document.createElement("tr");
    const [what, which] = [document.createElement("td"), document.createElement("td")];
    what.textContent = actionName(action);
    if (action === "person") {
      which.textContent = "1 – 9";
    } else {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: keys.shown(action) || "–" });
      button.dataset.changes = action;
      button.addEventListener("click", () => wait(button, action));
      which.append(button);
    }
    row.append(what, which);
    return row;
  });
  byId("help-keys").replaceChildren(...rows);
  byId("help-reset").onclick = () => { keys.reset(); help(); };
  if (!byId("help-dialog").open) { byId("help-dialog").showModal(); }
};

const wait = (button, action) => {
  button.textContent = _("Press…");
  button.classList.add("waiting");
  const take = (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) { return; }
    document.removeEventListener("keydown", take, true);
    if (event.key !== "Escape" && !/^[0-9]$/.test(event.key)) { keys.change(action, keys.named(event)); }
    help();
  };
  document.addEventListener("keydown", take, true);
};
