// The second script of a text that people talk about, loaded beside it (discussion.js).
import { Discussion } from "./discussion.js";

new Discussion(document.querySelector("[data-discussion]")).start();
