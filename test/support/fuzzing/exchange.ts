import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type FuzzRequest, isWhole, toBytes } from "./fuzz-request.ts";

export type Answer = {
  /** More than one where one packet held several requests; none where the connection was closed. */
  readonly statuses: readonly number[];
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

/** What came of a request: an answer, or why there was none. */
export type Outcome = { readonly answer: Answer } | { readonly failure: string };

export type Sender = {
  send(request: FuzzRequest): Promise<Outcome>;
  close(): void;
};

const patienceMs = 20_000;

/** A redirect repeats the path it was asked for, which may be as long as a server takes. */
const maxHeaderSize = 64 * 1024;

/** Of these, HTTP clients make their own mind up. */
const framing = /^(content-length|transfer-encoding|connection|expect|upgrade|host)$/i;

/** Sends over kept connections what a client of Node's can say, and the rest byte by byte. */
export function createSender(urls: Readonly<Record<FuzzRequest["service"], string>>): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  return {
    close: () => agent.destroy(),
    async send(request) {
      const { hostname, port, host } = new URL(urls[request.service]);
      try {
        const answer = isOrdinary(request)
          ? await sendOrdinary(request, { hostname, port, agent })
          : await sendBytes(request.bytes ?? toBytes(request, host), isWhole(request), {
              host: hostname,
              port: Number(port),
            });
        return { answer };
      } catch (error) {
        return { failure: describeFailure(error) };
      }
    },
  };
}

function isOrdinary({ method, target, headers, bytes }: FuzzRequest): boolean {
  return (
    bytes === undefined &&
    method !== "BREW" &&
    /^[\x21-\xff]+$/.test(target) &&
    headers.every(([name, value]) => !framing.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
  );
}

type Place = { hostname: string; port: string; agent: Agent };

async function sendOrdinary(request: FuzzRequest, place: Place): Promise<Answer> {
  const { method, target: path, body } = request;
  // Fields one by one: the same name may come twice.
  const headers = ["Host", `${place.hostname}:${place.port}`, ...request.headers.flat()];
  if (body !== undefined) headers.push("Content-Length", `${Buffer.byteLength(body)}`);
  const signal = AbortSignal.timeout(patienceMs);
  const sent = httpRequest({ ...place, method, path, headers, signal, maxHeaderSize });
  const answered = once(sent, "response") as Promise<[IncomingMessage]>;
  sent.end(body);
  const [answer] = await answered;
  return { statuses: [answer.statusCode ?? 0], headers: answer.headers, text: await text(answer) };
}

/** How long an answer to what may not even be a whole request is waited for, and more of one that has begun. */
const waitForMalformedMs = 200;
const waitForMoreMs = 20;

/**
 * On a connection of its own. It is closed on our side once it has been answered, or where there is nothing to
 * wait for: before, Node would take the request for given up.
 */
async function sendBytes(
  bytes: Buffer,
  isWhole: boolean,
  place: { host: string; port: number },
): Promise<Answer> {
  const socket = connect(place);
  const received: Buffer[] = [];
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  let hangUp = setTimeout(() => socket.end(), isWhole ? patienceMs : waitForMalformedMs);
  const giveUp = setTimeout(() => reject(new Error("no answer in time")), 2 * patienceMs);
  socket.on("data", (chunk: Buffer) => {
    received.push(chunk);
    clearTimeout(hangUp);
    hangUp = setTimeout(() => socket.end(), waitForMoreMs);
  });
  socket.on("close", () => resolve());
  socket.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever sends what is no HTTP may be hung up on.
    if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve();
    else reject(error);
  });
  socket.write(bytes);
  try {
    await closed;
  } finally {
    clearTimeout(hangUp);
    clearTimeout(giveUp);
    socket.destroy();
  }
  const heard = Buffer.concat(received).toString("latin1");
  const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, headers: {}, text: heard };
}

function describeFailure(error: unknown): string {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  return name === "AbortError" || name === "TimeoutError"
    ? "no answer in time"
    : (code ?? message ?? String(error));
}
