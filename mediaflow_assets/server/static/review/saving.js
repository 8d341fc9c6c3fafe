// Every action is a version: sent one after the other, each on the version that the one before made.

import { Refused } from "./api.js";

/** `taken(data)` when the server has it, `refused(error)` when it has not; what waits behind a refusal is dropped. */
export class Saving {
  constructor({ head, taken, refused, changed }) {
    Object.assign(this, { head, taken, refused, changed });
    this.waiting = [];
    this.busy = false;
  }

  get pending() { return this.waiting.length + (this.busy ? 1 : 0); }

  /** Send something; `post(head)` gives the promise of an answer. Resolves with the answer, or null. */
  add(post) {
    return new Promise((resolve) => {
      this.waiting.push({ post, resolve });
      this.changed();
      this.#next();
    });
  }

  async #next() {
    if (this.busy || !this.waiting.length) { return; }
    this.busy = true;
    const { post, resolve } = this.waiting.shift();
    try {
      const data = await post(this.head());
      this.busy = false;
      this.taken(data);
      resolve(data);
    } catch (error) {
      this.busy = false;
      this.waiting.splice(0).forEach((one) => one.resolve(null));
      this.refused(error instanceof Refused ? error : null);
      resolve(null);
    }
    this.changed();
    this.#next();
  }
}
