import { WebSocket } from "undici";

/** What a client of live events was told. */
export type Told = { readonly id: string; readonly event: string; readonly data: Record<string, unknown> };

export type LiveClient = {
  readonly told: readonly Told[];
  /** Resolves once it was told of so many. Rejects after some seconds. */
  untilTold(count: number): Promise<readonly Told[]>;
  /** Resolves once the connection has ended. */
  readonly ended: Promise<void>;
  close(): void;
};

const waitMs = 10_000;

function createInbox() {
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  return {
    told,
    add(message: Told) {
      told.push(message);
      for (const look of waiting) look();
    },
    untilTold: (count: number) =>
      new Promise<readonly Told[]>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`only told of ${JSON.stringify(told)}, not of ${count}`)),
          waitMs,
        );
        const look = () => {
          if (told.length < count) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(told);
        };
        waiting.add(look);
        look();
      }),
  };
}

export type LiveRequest = { readonly query?: string; readonly headers?: Readonly<Record<string, string>> };

/** Opens `GET /events`. @throws where it isn't answered by a stream, with the status */
export async function openEvents(url: string, { query = "", headers = {} }: LiveRequest = {}) {
  const leaving = new AbortController();
  const response = await fetch(`${url}/events${query}`, { headers, signal: leaving.signal });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const inbox = createInbox();
  const ended = readStream(response, inbox.add).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return { ...inbox, response, ended, close: () => leaving.abort() };
}

async function readStream({ body }: Response, onMessage: (message: Told) => void): Promise<void> {
  let text = "";
  if (body === null) return;
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2)));
      if (fields.data !== undefined && fields.data !== "")
        onMessage({ id: fields.id ?? "", event: fields.event ?? "message", data: JSON.parse(fields.data) });
      else if (fields.event !== undefined) onMessage({ id: "", event: fields.event, data: {} });
    }
  }
}

/** Opens `/ws`. @throws where it isn't opened */
export async function openSocket(url: string, { query = "", headers = {} }: LiveRequest = {}) {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws${query}`, { headers });
  const inbox = createInbox();
  // Where it stands isn't anything that has happened.
  socket.addEventListener("message", ({ data }) => {
    const message: Told = JSON.parse(String(data));
    if (message.event !== "position") inbox.add(message);
  });
  const ended = new Promise<void>((resolve) => socket.addEventListener("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("it isn't opened")));
  });
  return { ...inbox, ended, close: () => socket.close() };
}
