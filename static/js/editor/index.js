// What writing needs, loaded by live.js when somebody wants to write, to follow the writing, or to know who wrote what.
import { Page } from "./page.js";

document.dispatchEvent(new CustomEvent("editor:loaded", { detail: { openPage: (root) => new Page(root) } }));
