// Who is here: connection id → {id, person, name, colour, may_write, section, anchor, head}.
export class Crowd extends Map {
  // The people of a greeting take the place of those before.
  begin(people) {
    this.clear();
    this.change({ joined: people });
  }

  change({ joined = [], left = [] }) {
    joined.forEach((person) => this.set(person.id, { anchor: null, head: null, ...person }));
    left.forEach((id) => this.delete(id));
  }

  // Note where somebody is; returns whether we know them.
  move({ id, section, anchor, head }) {
    const person = this.get(id);
    if (person) Object.assign(person, { section, anchor, head });
    return Boolean(person);
  }
}
