import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Test } from "tap";
import type { ProviderCalls } from "./provider-calls.ts";

/** Secrets a test knows of, and whether they stand anywhere in the clear. */
export type Secrets = {
  /** Remembers one, under what it is. */
  note(kind: string, value: string | null | undefined): void;
  /** Remembers what a local provider hands out and is sent, too, where these calls are watched. */
  alsoWatching(calls: ProviderCalls): ProviderCalls;
  /** How many there are of each kind. */
  counts(): Readonly<Record<string, number>>;
  /** Those that stand in a text or in bytes. */
  findIn(place: string, content: string | Buffer): Leak[];
  /** The same of every file of a folder and of those in it. */
  findInFiles(folder: string): Leak[];
};

export type Leak = { readonly kind: string; readonly place: string; readonly disguise: string };

/** Shorter ones could stand anywhere by chance. */
const shortest = 12;

export type SecretsOptions = {
  /** Whether to look for what encoders make of them, too, which takes four times as long. */
  disguised?: boolean;
};

/** @param given those that are there from the beginning, by what they are. */
export function createSecrets(
  given: Readonly<Record<string, string>>,
  { disguised = false }: SecretsOptions = {},
): Secrets {
  const kinds = new Map<string, string>();
  const note: Secrets["note"] = (kind, value) => {
    if (value && value.length >= shortest) kinds.set(value, kind);
  };

  for (const [kind, value] of Object.entries(given)) note(kind, value);

  function findIn(place: string, content: string | Buffer): Leak[] {
    const text = typeof content === "string" ? content : content.toString("latin1");
    return [...kinds].flatMap(([value, kind]) => {
      const looks = disguised ? [...partsOf(value), ...disguisesOf(value)] : partsOf(value);
      const found = looks.find(([, look]) => text.includes(look));
      return found === undefined ? [] : [{ kind, place, disguise: found[0] }];
    });
  }

  return {
    note,
    findIn,
    alsoWatching: (calls) => ({
      ...calls,
      watch(provider) {
        calls.watch(provider);
        watchProvider(provider, note);
      },
    }),
    counts() {
      const counts: Record<string, number> = {};
      for (const kind of kinds.values()) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    },
    findInFiles: (folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .flatMap((file) => findIn(file, readFileSync(file))),
  };
}

/**
 * Fails a test that ends with one of its secrets in the services' log or in its folder. To be called right after
 * that folder was made: what is made last is torn down first, and by then the services are closed.
 */
export function refuseLeaks(
  t: Pick<Test, "teardown">,
  secrets: Secrets,
  { folder, log }: { folder: string; log: () => string },
): void {
  t.teardown(() => {
    const leaks = [...secrets.findIn("the log", log()), ...secrets.findInFiles(folder)];
    if (leaks.length > 0) throw new Error(`Secrets stand in the clear: ${JSON.stringify(leaks)}`);
  });
}

const partLength = 16;

type Look = readonly [disguise: string, text: string];

/** Parts of a long one, because a text may have been cut. */
function partsOf(value: string): Look[] {
  if (value.length < 2 * partLength) return [["plain", value]];
  const middle = Math.floor((value.length - partLength) / 2);
  return [
    ["its beginning", value.slice(0, partLength)],
    ["its middle", value.slice(middle, middle + partLength)],
    ["its end", value.slice(-partLength)],
  ];
}

/** What encoders make of it. */
function disguisesOf(value: string): Look[] {
  const bytes = Buffer.from(value);
  const disguises: Look[] = [
    ["URL-encoded", encodeURIComponent(value)],
    ["reversed", [...value].reverse().join("")],
    ["hex", bytes.toString("hex")],
    ["upper-case hex", bytes.toString("hex").toUpperCase()],
  ];
  for (const offset of [0, 1, 2]) {
    const inside = base64Inside(bytes, offset);
    disguises.push(["base64", inside], ["base64url", inside.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  return disguises;
}

/** What surely stands in the base64 of a longer text that holds these bytes so many after a multiple of three. */
function base64Inside(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const begin = Math.ceil((offset * 8) / 6);
  return text.slice(begin, Math.floor(((offset + bytes.length) * 8) / 6));
}

type Note = Secrets["note"];

/** RFC 6749 and 7636: what passes between browser, service and provider. */
function watchProvider(provider: FastifyInstance, note: Note): void {
  provider.addHook("preHandler", async ({ query, body, headers }) => {
    for (const given of [query, body]) noteFields(given, note);
    if (headers.authorization?.startsWith("Bearer ")) note("access token", headers.authorization.slice(7));
  });
  provider.addHook("onSend", async (_request, reply, payload) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && URL.canParse(location))
      noteFields(Object.fromEntries(new URL(location).searchParams), note);
    if (typeof payload === "string" && payload.includes("_token")) noteFields(parseObject(payload), note);
    return payload;
  });
}

const secretFields: Readonly<Record<string, string>> = {
  access_token: "access token",
  refresh_token: "refresh token",
  id_token: "id token",
  code: "authorization code",
  code_verifier: "PKCE verifier",
  client_secret: "client secret",
  state: "state",
  token: "revoked token",
};

function noteFields(fields: unknown, note: Note): void {
  if (typeof fields !== "object" || fields === null) return;
  for (const [name, value] of Object.entries(fields)) {
    const kind = secretFields[name];
    if (kind !== undefined && typeof value === "string") note(kind, value);
  }
}

/** Of a broken answer, which a test may have asked for: nothing. */
function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
