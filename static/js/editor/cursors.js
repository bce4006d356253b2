// Where people are in a text: relative positions, which hold while others type, to and from places in it.
import * as Y from "yjs";

export function placeOf(text, index) {
  return Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index));
}

function indexOf(text, place) {
  try {
    const found = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(place), text.doc);
    return found?.type === text ? found.index : null;
  } catch {
    return null; // others' browsers send these
  }
}

// The cursors of others in the text of a section: [{id, name, colour, anchor, head}].
export function cursorsIn(session, key, text) {
  const cursors = [];
  for (const person of session.people.values()) {
    if (person.id === session.you || person.section !== key || !person.head) continue;
    const head = indexOf(text, person.head);
    const anchor = person.anchor ? indexOf(text, person.anchor) : head;
    if (head === null || anchor === null) continue;
    cursors.push({ id: person.id, name: person.name, colour: person.colour, anchor, head });
  }
  return cursors;
}
