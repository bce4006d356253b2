// What people say of the text, on the page on which it is written: marks in the open sections, and below each of them a
// way to what the cursor stands in.
import { element, icon, say } from "../texts.js";
import { factsOf, threadOf } from "../threads/marks.js";
import { Polling } from "../threads/polling.js";

export class Discussions {
  constructor(page) {
    this.page = page;
    this.marks = {}; // section key → threads
    this.polling = new Polling(`${page.root.dataset.page}/marks`, ({ marks }) => {
      this.marks = marks;
      for (const [key, writing] of page.writings) writing.setMarks(this.of(key));
    });
    this.polling.ask();
  }

  of(key) {
    return (this.marks[key] ?? []).map((row) => ({ ...threadOf(row), words: row[6] }));
  }
}

// Links to threads, for a line below the text; they open beside the writing.
export const linksTo = (threads) =>
  threads.map((thread) =>
    element(
      "a",
      { class: "live-thread", href: thread.href, target: "_blank", rel: "noopener" },
      icon("comment"),
      ` ${factsOf(thread)}`,
      element("span", { class: "visually-hidden" }, ` ${say("threadElsewhere")}`),
    ),
  );
