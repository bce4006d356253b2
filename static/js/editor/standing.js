// Whether what was typed here is saved: {kind: "saved" | "saving" | "unsaved", why, isKept: on this device}.
const STALLED = 10_000; // milliseconds without an acknowledgement

function reason({ link, outbox, choices, isTaking }) {
  if (link.why) return link.why;
  if (choices.length) return "refused";
  return isTaking && Date.now() - outbox.sentAt < STALLED ? null : "stalled";
}

export function standing(session) {
  const why = reason(session);
  const isSaved = session.outbox.isEmpty && !session.choices.length;
  const unsaved = why ? "unsaved" : "saving";
  return { kind: isSaved ? "saved" : unsaved, why, isKept: session.isKept };
}

export const isSame = (one, other) => one.kind === other.kind && one.why === other.why && one.isKept === other.isKept;
