// Everything a page may need that is not its document: each behaviour attaches itself by a data attribute.
import "htmx.org";
import { behave } from "./behave.js";
import { contents } from "./contents.js";
import { copy } from "./copy.js";
import { counter } from "./counter.js";
import { discussion } from "./discussion.js";
import { errorSummary } from "./error-summary.js";
import { file } from "./file.js";
import { filters } from "./filters.js";
import { fold } from "./fold.js";
import { keep } from "./keep.js";
import { forgetOthersPages } from "./kept-pages.js";
import { live } from "./live.js";
import { menu } from "./menu.js";
import { names } from "./names.js";
import { watchRequests } from "./requests.js";
import { saved } from "./saved.js";
import { secondStep } from "./second-step.js";
import { watchSending } from "./sending.js";
import { sheet } from "./sheet.js";
import { slider } from "./slider.js";
import { unsaved } from "./unsaved.js";
import { writeLinks } from "./write-links.js";

watchRequests();
watchSending();
forgetOthersPages();
behave({
  "[data-kept-saved]": saved, // first, so that a saved text is not brought back
  "[data-keep]": keep,
  "[data-unsaved]": unsaved,
  "[data-error-summary]": errorSummary,
  "[data-fold]": fold,
  "[data-contents]": contents,
  "[data-sheet]": sheet,
  "[data-menu]": menu,
  "[data-copy], .permalink": copy,
  "[data-confirm]": secondStep,
  "[data-file]": file,
  "[data-counter]": counter,
  "[data-auto-submit]": filters,
  "[data-slider]": slider,
  "textarea[data-names], input[data-names]": names,
  "[data-live]": live,
  "[data-discussion]": discussion,
  "[data-write-links]": writeLinks,
});
