import { Agent, type Dispatcher } from "undici";
import { checkUrl } from "./check-url.ts";
import { EgressError, toEgressError } from "./egress-error.ts";
import { guardLookup, type Lookup, lookupAll } from "./guard-lookup.ts";

export type NamedHostRequest = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type SendLimits = {
  /** From the look-up of the name to the last byte of the body. */
  readonly timeoutMs: number;
  /** Of the body. */
  readonly maxBytes: number;
  /** True: of a longer body only its beginning is read. Default: it is refused. */
  readonly cutsBody?: boolean;
};

export type NamedHostResponse = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
};

export type GuardedSend = {
  /**
   * Sends one request. Redirects aren't followed: a status 3xx is returned like any other.
   * @throws EgressError
   */
  send(url: string, request: NamedHostRequest, limits: SendLimits): Promise<NamedHostResponse>;
  /**
   * Closes all connections. Requests that are under way, or are sent later, are `unreachable`. Sockets that are still
   * connecting aren't waited for, and are given up within 10 seconds.
   */
  close(): Promise<void>;
};

export type GuardedSendOptions = {
  /** Allows http and hosts that aren't public: for development, and for receivers in the operator's own network. */
  readonly allowPrivate?: boolean;
  /** Default: `dns.lookup`. */
  readonly lookup?: Lookup;
  /**
   * So that one host that doesn't respond can't take all sockets. Further requests to it wait, within their timeout.
   * Default: 10.
   */
  readonly maxSocketsPerHost?: number;
};

/** A socket that nobody waits for any more is given up after this time. */
const connectTimeoutMs = 10_000;

/** Shorter than the 5 seconds of Node's servers, so that few requests meet a connection that is just being closed. */
const idleMs = 4_000;

/** As Node has it. */
const maxHeaderBytes = 16_384;

/**
 * Makes the client for hosts that customers name. It reaches the public internet alone, over https, however the host is
 * spelled and whatever its name resolves to. A connection is kept for further requests to the same host, and has been
 * checked when it was made. A proxy of the environment isn't used, because it would resolve the names itself.
 */
export function createGuardedSend({
  allowPrivate = false,
  lookup = lookupAll,
  maxSocketsPerHost = 10,
}: GuardedSendOptions = {}): GuardedSend {
  const agent = new Agent({
    connect: { lookup: guardLookup(lookup, allowPrivate), timeout: connectTimeoutMs },
    connections: maxSocketsPerHost,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    maxHeaderSize: maxHeaderBytes,
    // `maxHeaderSize` holds for HTTP/1.1 alone.
    allowH2: false,
    // The timeout of a request covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async send(text, request, limits) {
      const url = checkUrl(text, allowPrivate);
      try {
        return await exchange(agent, url, request, limits);
      } catch (error) {
        throw toEgressError(error, url.hostname);
      }
    },
    close: () => agent.destroy(),
  };
}

async function exchange(
  agent: Agent,
  url: URL,
  { method, headers, body }: NamedHostRequest,
  { timeoutMs, maxBytes, cutsBody = false }: SendLimits,
): Promise<NamedHostResponse> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: toRequestHeaders(headers, url.hostname),
    body: body ?? null,
    signal,
  });
  // undici heeds the signal from the moment when it writes the request, and not while it looks up or connects.
  const {
    statusCode,
    headers: received,
    body: chunks,
  } = await Promise.race([response, rejectOnAbort(signal)]);
  return {
    status: statusCode,
    headers: { get: (name) => readHeader(received, name) },
    text: await readText(chunks, { maxBytes, cutsBody, host: url.hostname }),
  };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/**
 * Of a compressed response only the size before it is decompressed would be bounded, so none is asked for and none is
 * decompressed. A `Host` would be another name than the one that was checked.
 */
function toRequestHeaders(headers: NamedHostRequest["headers"], host: string): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.some(([name]) => name === "host")) {
    throw new EgressError("request_refused", `the request to ${host} has a Host header`);
  }
  return { ...Object.fromEntries(entries), "accept-encoding": "identity" };
}

function readHeader(headers: Dispatcher.ResponseData["headers"], name: string): string | null {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}

type Reading = { readonly maxBytes: number; readonly cutsBody: boolean; readonly host: string };

/** Leaving the loop ends the connection. @throws EgressError too_long */
async function readText(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, cutsBody, host }: Reading,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBytes) continue;
    if (cutsBody) break;
    throw new EgressError("too_long", `the response of ${host} is longer than ${maxBytes} bytes`);
  }
  // A byte order mark, with which JSON can't be parsed, is left out.
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes));
}
