// What actions are called: in a few words in the list of keys, in one on buttons.

import { _, pgettext } from "./texts.js";

/** In the list of keys, and where a pointer stays on a button. */
export const actionName = (action) => {
  const names = {
    play: _("Play, pause"),
    backward: _("Backwards"),
    stop: _("Stop"),
    forward: _("Forwards (faster each time)"),
    previous_frame: _("Previous frame (Shift: 10)"),
    next_frame: _("Next frame (Shift: 10)"),
    previous_cut: _("Previous cut"),
    next_cut: _("Next cut"),
    next_doubt: _("Next doubt"),
    previous_doubt: _("Previous doubt"),
    name: pgettext("button", "Name"),
    next_face: _("Choose the next face of the picture"),
    person: _("It is person 1 to 9 (Shift: only here)"),
    merge: _("Merge with…"),
    swap: _("Swap from here with…"),
    split: _("Split here"),
    ignore: _("Ignore (poster, passer-by, false face)"),
    speaks: _("Speaks here (hold while playing)"),
    mark_in: _("Span begins"),
    mark_out: _("Span ends"),
    nobody: _("Nobody speaks here"),
    cut: _("Cut here, or remove the cut"),
    word: _("Correct the word"),
    undo: _("Undo"),
    redo: _("Redo"),
    history: _("History"),
    help: _("This help"),
    zoom_in: _("Zoom in"),
    zoom_out: _("Zoom out"),
    escape: _("Give up"),
    apply: _("Deliver now"),
  };
  return names[action];
};

/** On a button with which somebody is named, or a doubt answered. */
export const buttonText = (action) => {
  const names = {
    name: pgettext("button", "Name"),
    merge: _("Merge"),
    swap: _("Swap from here"),
    split: _("Split here"),
    ignore: _("Ignore"),
    speaks: _("Speaks here"),
    keep: _("Keep"),
    drop: _("Drop"),
    remove_cut: _("Remove the cut"),
    nobody: _("nobody"),
  };
  return names[action];
};
