// The Markdown that the server renders (sip/core/markdown.py), for the syntax tree that the editor works with:
// CommonMark without HTML, tables, strikethrough, footnotes, cross-references.
import { Language } from "@codemirror/language";
import { markdownLanguage } from "@codemirror/lang-markdown";

const REFERENCE = /^\[\[([^\[\]#\n^`]{1,100})(?:#([^\[\]#\n`]{1,100}))?\]\](?!\(|\[(?!\[))/u;
const NOTE = /^\[\^([^\]\s]+)\]/u;
const DEFINITION = /^\[\^([^\]\s]+)\]:[ \t]*/u;
const OPENING = "[".charCodeAt(0);

const inline = (name, pattern) => ({
  name,
  before: "Link",
  parse(context, next, position) {
    if (next !== OPENING) return -1;
    const match = pattern.exec(context.slice(position, context.end));
    if (!match || !match[1].trim()) return -1;
    return context.addElement(context.elt(name, position, position + match[0].length));
  },
});

const definition = (line) => (line.next === OPENING && line.indent < line.baseIndent + 4 ? DEFINITION.exec(line.text.slice(line.pos)) : null);

const ours = {
  // What is not rendered must not look as if it were.
  remove: ["HTMLBlock", "Superscript", "Subscript", "Emoji", "TaskList", "Autolink"],
  defineNodes: [
    "CrossReference",
    "NoteCall",
    {
      name: "Note",
      block: true,
      composite(_, line, indent) {
        if (line.indent < line.baseIndent + indent && line.next > -1) return false;
        line.moveBaseColumn(line.baseIndent + indent);
        return true;
      },
    },
    "NoteMark",
  ],
  parseInline: [inline("CrossReference", REFERENCE), inline("NoteCall", NOTE)],
  parseBlock: [
    {
      name: "Note",
      before: "LinkReference",
      parse(context, line) {
        const match = definition(line);
        if (!match) return false;
        const from = context.lineStart + line.pos;
        context.startComposite("Note", line.pos, 4);
        context.addElement(context.elt("NoteMark", from, from + match[0].trimEnd().length));
        line.moveBase(line.pos + match[0].length);
        return null;
      },
      endLeaf: (_, line) => definition(line) !== null,
    },
  ],
};

// The commands of `lang-markdown` know its language by the data that both share.
export const language = new Language(markdownLanguage.data, markdownLanguage.parser.configure(ours), [], "markdown");

export const isCode = (name) => name === "FencedCode" || name === "CodeBlock" || name === "InlineCode";
