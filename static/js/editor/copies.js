// Texts that somebody has to choose about, and those they kept: on this device, shared by its windows.
export class Copies {
  choices = []; // undecided, the oldest first
  #store;
  #channel;

  // `onChoose()` is called when there is something new to choose about, `onChange()` when there is less.
  constructor(store, name, { onChoose, onChange }) {
    this.#store = store;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = async () => {
      const known = new Set(this.choices.map(({ id }) => id));
      this.load(await store.copies());
      onChange();
      if (this.choices.some(({ id }) => !known.has(id))) onChoose();
    };
  }

  load(copies) {
    this.choices = copies.filter((copy) => !copy.isDecided).sort((one, other) => one.at - other.at);
  }

  // What is new among `choices`: what another window found too is asked once.
  add(choices) {
    const isKnown = ({ key, mine }) => this.choices.some((choice) => choice.key === key && choice.mine === mine);
    const added = choices.filter((choice) => !isKnown(choice));
    this.choices.push(...added);
    return added;
  }

  find(idOrKey) {
    return this.choices.find(({ id }) => id === idOrKey) ?? this.choices.find(({ key }) => key === idOrKey);
  }

  // One question at a time for each section.
  get asked() {
    return this.choices.filter((choice, index) => this.choices.findIndex(({ key }) => key === choice.key) === index);
  }

  async decide(choice, isKept) {
    if (isKept) await this.#store.putCopy({ ...choice, isDecided: true });
    else await this.#store.dropCopy(choice.id);
    this.choices = this.choices.filter(({ id }) => id !== choice.id);
    this.tell();
  }

  async kept() {
    const copies = (await this.#store.copies()).filter((copy) => copy.isDecided);
    return copies.sort((one, other) => one.at - other.at).map(({ id, key, title, mine, why, at }) => ({ id, key, title, text: mine, why, at }));
  }

  async remove(id) {
    await this.#store.dropCopy(id);
    this.tell();
  }

  tell() {
    this.#channel.postMessage("copies");
  }

  close() {
    this.#channel.close();
  }
}
