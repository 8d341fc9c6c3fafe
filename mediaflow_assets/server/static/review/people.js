// The list of people: picture, name, voices, how long each is seen and heard, and what can be done about them.

import * as api from "./api.js";
import * as runs from "./runs.js";
import { buttonText } from "./action_names.js";
import { _, duration } from "./texts.js";

const TOOLS = ["name", "merge", "swap", "split", "ignore", "speaks"];

const element = (tag, attributes = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
};

const facts = (row) => [
  ...row.voices.map((label) => _("voice %(label)s", { label: label.replace("SPEAKER_", "") })),
  ...row.guessed.map((label) => _("voice %(label)s?", { label: label.replace("SPEAKER_", "") })),
  row.seen.length ? _("seen %(n)s", { n: duration(runs.length(row.seen)) }) : "",
  row.speaking.length ? _("heard %(n)s", { n: duration(runs.length(row.speaking)) }) : "",
].filter(Boolean).join(" · ");

const picture = (row) => {
  if (row.chip === null) { return element("span", { className: "chip voice", textContent: "♪" }); }
  const image = element("img", { className: "chip", alt: "", src: api.chip(row.chip), width: 50, height: 50, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(element("span", { className: "chip voice", textContent: "?" })));
  return image;
};

/** Write the list anew: only when people changed, for the frame changes more often. */
export const list = (container, rows, { select, act, keyOf, mightBe }) => {
  container.replaceChildren(...rows.map((row) => {
    const name = element("span", { className: row.name ? "name" : "name unknown", textContent: row.title });
    const now = element("span", { className: "now" });
    const who = element(
      "button",
      { type: "button", className: "who" },
      element("kbd", { className: "number", textContent: row.number ?? "" }),
      picture(row),
      element("span", {}, name, element("span", { className: "facts" }, facts(row), now)),
    );
    who.setAttribute("aria-pressed", "false");
    who.addEventListener("click", () => select(row.key));
    who.addEventListener("dblclick", () => act("name"));
    const tools = element("div", { className: "tools", hidden: true }, ...TOOLS.map((action) => {
      const button = element("button", { type: "button" }, `${buttonText(action)} `, element("kbd", { textContent: keyOf(action) }));
      button.addEventListener("click", () => act(action));
      return button;
    }));
    const item = element("li", {}, who, tools);
    const proposed = mightBe(row);
    if (proposed) {
      const yes = element("button", { type: "button", className: "proposed", textContent: _("%(name)s?", { name: proposed }), title: _("Perhaps, says the register of faces and voices. A click gives this name.") });
      yes.addEventListener("click", () => act("accept", null, { row, proposed }));
      who.after(yes);
    }
    item.dataset.key = row.key;
    item.style.setProperty("--colour", `var(--c${row.colour})`);
    return item;
  }));
};

/** Who is selected, and who speaks in this frame. */
export const mark = (container, rows, selected, frame) => {
  for (const item of container.children) {
    const row = rows.find((one) => one.key === item.dataset.key);
    const chosen = item.dataset.key === selected;
    if (item.classList.contains("selected") !== chosen) {
      item.classList.toggle("selected", chosen);
      item.querySelector(".who").setAttribute("aria-pressed", String(chosen));
      item.querySelector(".tools").hidden = !chosen;
      if (chosen) { item.scrollIntoView({ block: "nearest" }); }
    }
    const speaks = row && runs.holds(row.speaking, frame) ? ` · ${_("speaks")}` : "";
    const now = item.querySelector(".now");
    if (now.textContent !== speaks) { now.textContent = speaks; }
  }
};
