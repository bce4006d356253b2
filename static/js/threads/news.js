// What has come since the page was opened: said once, politely, and shown at the marks until somebody looks.
import { announce, say } from "../texts.js";

export class News {
  constructor(marks) {
    this.marks = marks;
    this.known = null; // thread id → its comments, as last heard of
    this.read = new Map(); // thread id → its comments when it was last shown
    this.owns = new Set(); // threads in which this person has just done something
  }

  take(listed) {
    const now = new Map(Object.values(listed).flat().map(([id, , , , , comments]) => [String(id), comments]));
    if (this.known) {
      let count = 0;
      for (const [id, comments] of now) {
        const more = comments - (this.known.get(id) ?? 0);
        if (more <= 0) continue;
        if (this.owns.has(id)) this.read.set(id, comments);
        else {
          count += more;
          if (!this.read.has(id)) this.read.set(id, this.known.get(id) ?? 0);
          this.marks.fresh.add(id);
        }
      }
      if (count) announce(say(count === 1 ? "threadNewOne" : "threadNewMany", { count }));
    }
    this.owns.clear();
    this.known = now;
  }

  own(id) {
    this.owns.add(id);
  }

  // Somebody looks at a thread as it is now.
  seen(id) {
    if (!id) return;
    this.marks.fresh.delete(id);
    this.read.set(id, this.known?.get(id) ?? 0);
  }

  // How many comments have come to a thread since it was shown.
  missing(id) {
    return this.read.has(id) ? Math.max(0, (this.known?.get(id) ?? 0) - this.read.get(id)) : 0;
  }
}
