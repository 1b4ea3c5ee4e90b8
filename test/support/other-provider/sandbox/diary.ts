import { type Changes, type Entry, timeOf, toAnswer } from "./entry.ts";
import { Refusal } from "./refusal.ts";

/** An e-mail to a guest. */
export type AgendaMail = {
  readonly to: string;
  readonly event_id: string;
  readonly about: "invitation" | "update" | "cancellation";
};

export type Diary = ReturnType<typeof createDiary>;

const fresh: Omit<Entry, "id" | "tag"> = {
  ...{ title: "", note: "", from: 0, to: 0, clock: "UTC", wholeDay: false },
  ...{ shows: "busy", answer: "none", state: "planned", guests: [], labels: {}, repeats: null },
};

/**
 * The entries of one calendar. Ids are chosen here, and begin anew in each calendar. Guests are mailed at once, whatever
 * is written.
 */
export function createDiary(nextTag: () => string) {
  const entries = new Map<string, Entry>();
  const idsByOnce = new Map<string, string>();
  const mails: AgendaMail[] = [];

  /** k1, K1, k2, K2, …: ids differ by case alone. */
  function nextId(): string {
    const count = entries.size;
    return `${count % 2 === 0 ? "k" : "K"}${Math.floor(count / 2) + 1}`;
  }

  function apply(entry: Entry, { when, ...changes }: Changes): void {
    const before = structuredClone(entry);
    Object.assign(entry, changes, when, { tag: nextTag() });
    if (entry.to < entry.from) throw new Refusal("bad_request");
    const invited = before.guests.map(({ mail }) => mail);
    const isNews = before.from !== entry.from || before.to !== entry.to || before.title !== entry.title;
    for (const { mail } of entry.guests) {
      if (!invited.includes(mail)) mails.push({ to: mail, event_id: entry.id, about: "invitation" });
      else if (isNews) mails.push({ to: mail, event_id: entry.id, about: "update" });
    }
    for (const to of invited)
      if (!entry.guests.some(({ mail }) => mail === to))
        mails.push({ to, event_id: entry.id, about: "cancellation" });
  }

  function expectTag(entry: Entry, tag: string | undefined): void {
    if (tag !== undefined && tag !== entry.tag) throw new Refusal("stale");
  }

  function find(id: string): Entry {
    const entry = entries.get(id);
    if (entry === undefined) throw new Refusal("no_such_entry");
    return entry;
  }

  return {
    entries: () => [...entries.values()],
    mails: () => mails.slice(),
    find,
    /** @param once of several inserts with the same one only the first is done, for ever. */
    insert(changes: Changes, once?: string): Entry {
      const existing = once === undefined ? undefined : idsByOnce.get(once);
      if (existing !== undefined) throw new Refusal("entry_exists", existing);
      if (changes.when === undefined) throw new Refusal("bad_request");
      const entry: Entry = { ...fresh, id: nextId(), tag: nextTag() };
      apply(entry, changes);
      entries.set(entry.id, entry);
      if (once !== undefined) idsByOnce.set(once, entry.id);
      return entry;
    },
    change(id: string, changes: Changes, tag: string | undefined): Entry {
      const entry = find(id);
      expectTag(entry, tag);
      apply(entry, changes);
      return entry;
    },
    remove(id: string, tag: string | undefined): void {
      const entry = find(id);
      if (entry.state === "removed") throw new Refusal("no_such_entry");
      expectTag(entry, tag);
      entry.state = "removed";
      entry.tag = nextTag();
      for (const { mail } of entry.guests)
        mails.push({ to: mail, event_id: entry.id, about: "cancellation" });
    },
    view: (after: number, before: number) => viewOf([...entries.values()], after, before),
  };
}

/** What is in a span: single entries first, and occurrences of series after all of them. */
function viewOf(entries: readonly Entry[], after: number, before: number) {
  const kept = entries.filter(({ state }) => state !== "removed");
  const isWithin = (from: number, to: number) => from < before && to > after;
  const singles = kept
    .filter(({ repeats, from, to }) => repeats === null && isWithin(from, to))
    .map((entry) => toAnswer(entry));
  const occurrences = kept.flatMap((entry) =>
    Array.from({ length: entry.repeats?.times ?? 0 }, (_, i) => i)
      .filter((i) => {
        const { from, to } = timeOf(entry, i);
        return isWithin(from, to);
      })
      .map((i) => toAnswer(entry, i)),
  );
  return [...singles, ...occurrences];
}
