import type { FuzzRequest, Header } from "./fuzz-request.ts";
import { hostileText } from "./hostile.ts";
import { mutateJson, mutateJsonText } from "./mutate-json.ts";
import type { Random } from "./random.ts";

type Mutation = (request: FuzzRequest, random: Random) => FuzzRequest;

/** One that keeps the framing of HTTP whole: what breaks that is in malformed.ts. */
export function mutateRequest(request: FuzzRequest, random: Random): FuzzRequest {
  return { ...pickMutation(request, random)(request, random), isValid: false };
}

/** Where there is a body, most of what can go wrong is in it. */
function pickMutation({ body }: FuzzRequest, random: Random): Mutation {
  if (body !== undefined && random.chance(0.6)) return random.chance(0.75) ? mutateBody : mutateBodyText;
  return random.pick([
    mutatePath,
    mutatePath,
    mutateQuery,
    mutateHeaders,
    mutateHeaders,
    mutateMethod,
    mutateKey,
  ]);
}

/** All that Node's parser knows, and one it doesn't. DELETE is left to its own routes: it ends connections. */
const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "QUERY",
  "PURGE",
  "BREW",
];

const mutateMethod: Mutation = (request, random) => ({ ...request, method: random.pick(methods) });

const mutatePath: Mutation = (request, random) => {
  const [path = "/", query] = splitTarget(request.target);
  const segments = path.split("/");
  const at = random.below(segments.length);
  const segment = segments[at] ?? "";
  const ways: (() => string)[] = [
    () => segments.with(at, encode(hostileText(random), random)).join("/"),
    () => segments.with(at, everyByteEncoded(segment)).join("/"),
    () => segments.with(at, segment.toUpperCase()).join("/"),
    () => segments.toSpliced(at, 0, random.pick(["", ".", "..", "%2e%2e", "%2f", ";a=b"])).join("/"),
    () => segments.toSpliced(at, 1).join("/"),
    () => `${path}/`,
    () => `/${path}`,
    () => path.replaceAll("/", "//"),
    () => path.replaceAll("/", "\\"),
    () => `${path}${random.pick(["%00", "%0d%0aX: y", "#fragment", ".json", "~", "\u00ff", "*", "%"])}`,
    () => `/${"a".repeat(random.pick([200, 5_000]))}${path}`,
    () => `${"/..".repeat(30)}${path}`,
    () => `http://evil.example${path}`,
    () => "*",
  ];
  return { ...request, target: joinTarget(random.pick(ways)(), query) };
};

const mutateQuery: Mutation = (request, random) => {
  const [path, query = ""] = splitTarget(request.target);
  const value = encodeURIComponent(hostileText(random).toWellFormed());
  const name = random.pick([
    "limit",
    "cursor",
    "from",
    "to",
    "status",
    "state",
    "code",
    "error",
    "scope",
    "x",
  ]);
  const ways: (() => string)[] = [
    () => `${query}&${name}=${value}`,
    () => query.replace(/=[^&]*/, `=${value}`),
    () => query.replace(/=([^&]*)/, "[]=$1"),
    () => `${query}&${query}`,
    () => `${query}&${name}[a][b]=${value}&${name}.length=1`,
    () => `__proto__[isAdmin]=true&constructor.prototype.isAdmin=true&${query}`,
    () => `${name}=${"a".repeat(6_000)}`,
    () => "a=1&".repeat(1_500),
    () => "%",
    () => "&&==&=;?/",
    () => `${name}=%ff%00%zz`,
  ];
  return { ...request, target: joinTarget(path, random.pick(ways)()) };
};

const mutateHeaders: Mutation = (request, random) => {
  const { headers } = request;
  if (headers.length > 0 && random.chance(0.4)) {
    const at = random.below(headers.length);
    const [name, value] = headers[at] ?? ["X", ""];
    const ways: (() => readonly Header[])[] = [
      () => headers.toSpliced(at, 1),
      () => [...headers, [name, value]],
      () => [...headers, [name, latin1(hostileText(random))]],
      () => headers.with(at, [name, latin1(hostileText(random))]),
      () => headers.with(at, [name.toUpperCase(), ` ${value} `]),
      () => headers.with(at, [name, `${value}, ${value}`]),
      () => headers.with(at, [name, value.repeat(20)]),
    ];
    return { ...request, headers: random.pick(ways)() };
  }
  return { ...request, headers: [...headers, oddHeader(random)] };
};

function oddHeader(random: Random): Header {
  const text = latin1(hostileText(random));
  const headers: readonly Header[] = [
    ["Host", random.pick(["evil.example", "", "localhost:99999", "a b", "127.0.0.1, evil.example", text])],
    ["Origin", random.pick(["null", "https://evil.example", "http://localhost", "http://[", text])],
    ["X-Forwarded-For", random.pick(["203.0.113.1", "::1, unknown", `${"1.1.1.1, ".repeat(300)}`, text])],
    ["X-Forwarded-Proto", random.pick(["https", "javascript", "https, http", text])],
    ["X-Forwarded-Host", random.pick(["evil.example", "a, b", text])],
    ["Forwarded", `for=${text};proto=https`],
    ["Content-Type", random.pick(contentTypes)],
    [
      "Accept",
      random.pick(["text/html", "*/*;q=0", "application/json;q=abc", ",,,", text, "a/b,".repeat(800)]),
    ],
    ["Accept-Language", random.pick(["es", "es-CO;q=0.9, *", "x".repeat(4_000), "en;q=nan", text])],
    ["Accept-Encoding", "gzip, br, zstd, x;q=9"],
    ["Content-Encoding", random.pick(["gzip", "br", "identity, identity"])],
    ["User-Agent", random.pick(["Instagram 1.0", "WhatsApp/2 (Android; wv)", "", text])],
    [
      "Cookie",
      random.pick(["a", "=;=;", "cita-state=%zz; cita-verifier=", `cita-state=${text}`, "a=b;".repeat(900)]),
    ],
    ["X-Request-Id", random.pick([text, "a".repeat(5_000), "12345678", "a b"])],
    ["X-Customer-Id", random.pick([text, "..", "nobody", "a".repeat(65)])],
    ["MCP-Protocol-Version", random.pick(["2025-11-25", "2026-07-28", "1999-01-01", text])],
    ["Mcp-Method", random.pick(["tools/call", "tools/list", text])],
    ["Mcp-Name", random.pick(["book", text])],
    ["Mcp-Session-Id", text],
    ["Last-Event-Id", text],
    ["Range", "bytes=0-0,5-2,-1"],
    ["If-None-Match", "*"],
    ["If-Modified-Since", text],
    ["X-HTTP-Method-Override", "DELETE"],
    ["__proto__", "x"],
    ["X".repeat(2_000), "y".repeat(2_000)],
  ];
  return random.pick(headers);
}

const contentTypes = [
  "",
  "application/json; charset=utf-16",
  "application/json; charset=\u00ff",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=",
  "text/plain",
  "text/html",
  "application/xml",
  "application/vnd.api+json",
  "application/json, application/json",
  "application/JSON ;;; a=b",
  "a".repeat(3_000),
];

/** Otherwise only refusals of the key would be tried: so seldom. */
const mutateKey: Mutation = (request, random) => {
  const others = request.headers.filter(([name]) => name !== "Authorization");
  const values = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer  x",
    "Basic YTpi",
    "bearer undefined",
    `Bearer ${"x".repeat(6_000)}`,
  ];
  return { ...request, headers: [...others, ["Authorization", random.pick(values)]] };
};

const mutateBody: Mutation = (request, random) => {
  const text = request.body?.toString() ?? "";
  const value = parse(text);
  if (value === undefined) return mutateBodyText(request, random);
  return { ...request, body: JSON.stringify(mutateJson(value, random)) ?? "" };
};

const mutateBodyText: Mutation = (request, random) => ({
  ...request,
  body: mutateJsonText(request.body?.toString() ?? "", random),
});

const longestParsed = 5_000;

/** Of JSON that a mutation before has broken, or made deep: nothing. */
function parse(text: string): unknown {
  if (text.length > longestParsed) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function splitTarget(target: string): [path: string, query?: string] {
  const at = target.indexOf("?");
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

function joinTarget(path: string, query: string | undefined): string {
  return query === undefined ? path : `${path}?${query}`;
}

function encode(text: string, random: Random): string {
  if (random.chance(0.3)) return latin1(text);
  const encoded = encodeURIComponent(text.toWellFormed());
  return random.chance(0.2) ? encodeURIComponent(encoded) : encoded;
}

function everyByteEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

/** What can stand in a line of a request at all: the rest is tried by malformed.ts. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replaceAll(/[\r\n\0]/g, "_");
}
