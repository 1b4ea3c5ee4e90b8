import type { calendar_v3 } from "@googleapis/calendar";
import { GoogleError } from "./google-error.ts";

/** What a response may hold: `true` is a leaf, or a map whose keys are free. */
type FieldTree = { [field: string]: FieldTree | true };
/** What of it was asked for. */
type Selection = Map<string, Selection | true>;

/** Cuts a response down to what `fields` asked for. */
export type Projection = (resource: object) => object;

const person = { id: true, email: true, displayName: true, self: true } as const;
const time = { date: true, dateTime: true, timeZone: true } as const;

/** The type makes a field that Google's own package doesn't know, or one forgotten here, a compile error. */
export const EVENT_FIELDS = {
  anyoneCanAddSelf: true,
  attachments: { fileId: true, fileUrl: true, iconLink: true, mimeType: true, title: true },
  attendees: {
    ...person,
    additionalGuests: true,
    comment: true,
    optional: true,
    organizer: true,
    resource: true,
    responseStatus: true,
  },
  attendeesOmitted: true,
  birthdayProperties: true,
  colorId: true,
  conferenceData: true,
  created: true,
  creator: person,
  description: true,
  end: time,
  endTimeUnspecified: true,
  etag: true,
  eventLabelId: true,
  eventType: true,
  extendedProperties: { private: true, shared: true },
  focusTimeProperties: true,
  gadget: true,
  guestsCanInviteOthers: true,
  guestsCanModify: true,
  guestsCanSeeOtherGuests: true,
  hangoutLink: true,
  htmlLink: true,
  iCalUID: true,
  id: true,
  kind: true,
  location: true,
  locked: true,
  organizer: person,
  originalStartTime: time,
  outOfOfficeProperties: true,
  privateCopy: true,
  recurrence: true,
  recurringEventId: true,
  reminders: { overrides: { method: true, minutes: true }, useDefault: true },
  sequence: true,
  source: { title: true, url: true },
  start: time,
  status: true,
  summary: true,
  transparency: true,
  updated: true,
  visibility: true,
  workingLocationProperties: true,
} as const satisfies Record<keyof calendar_v3.Schema$Event, FieldTree | true>;

export const EVENT_LIST_FIELDS = {
  accessRole: true,
  defaultReminders: { method: true, minutes: true },
  description: true,
  etag: true,
  items: EVENT_FIELDS,
  kind: true,
  nextPageToken: true,
  nextSyncToken: true,
  summary: true,
  timeZone: true,
  updated: true,
} as const satisfies Record<keyof calendar_v3.Schema$Events, FieldTree | true>;

/**
 * Reads a `fields` parameter: comma lists, `a/b`, `a(b,c)` and `*`. Throws Google's 400 for a malformed
 * one or a field the response can't have.
 * https://developers.google.com/workspace/calendar/api/guides/performance#partial
 */
export function readFields(fields: string | undefined, tree: FieldTree): Projection {
  if (fields === undefined) return (resource) => resource;
  const reader = { tokens: fields.match(/[A-Za-z0-9_$@-]+|\S/g) ?? [], at: 0 };
  const selection = readList(reader, tree);
  if (reader.at < reader.tokens.length) throw invalidField(fields);
  return (resource) => project(resource, selection);
}

type Reader = { tokens: string[]; at: number };

function readList(reader: Reader, tree: FieldTree | true): Selection {
  const selection: Selection = new Map();
  do {
    readPath(reader, tree, selection);
  } while (take(reader, ","));
  return selection;
}

function readPath(reader: Reader, tree: FieldTree | true, into: Selection): void {
  const name = reader.tokens[reader.at++] ?? "";
  if (name !== "*" && !/^[\w$@-]+$/.test(name)) throw invalidField(name);
  if (tree !== true && name !== "*" && !Object.hasOwn(tree, name)) throw invalidField(name);
  const inner = tree === true ? true : name === "*" ? anyOf(tree) : (tree[name] ?? true);
  if (take(reader, "/")) {
    const rest: Selection = new Map();
    readPath(reader, inner, rest);
    add(into, name, rest);
  } else if (take(reader, "(")) {
    add(into, name, readList(reader, inner));
    if (!take(reader, ")")) throw invalidField(name);
  } else add(into, name, true);
}

/** Under a wildcard a field is right where any branch has it. */
function anyOf(tree: FieldTree): FieldTree {
  return Object.assign({}, ...Object.values(tree).filter((branch) => branch !== true));
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at++;
  return true;
}

function add(into: Selection, name: string, wanted: Selection | true): void {
  const before = into.get(name);
  if (before === true || wanted === true || before === undefined)
    into.set(name, before === true ? true : wanted);
  else for (const [inner, deeper] of wanted) add(before, inner, deeper);
}

function project(value: object, selection: Selection): object {
  const projected: Record<string, unknown> = {};
  const all = selection.get("*");
  for (const [key, inner] of Object.entries(value)) {
    const wanted = selection.get(key) ?? all;
    if (wanted === undefined || inner === undefined) continue;
    projected[key] = wanted === true ? inner : projectInner(inner, wanted);
  }
  return projected;
}

function projectInner(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((item) => projectInner(item, selection));
  return typeof value === "object" && value !== null ? project(value, selection) : value;
}

function invalidField(field: string): GoogleError {
  return new GoogleError(400, "invalidParameter", `Invalid field selection ${field}`, { location: "fields" });
}
