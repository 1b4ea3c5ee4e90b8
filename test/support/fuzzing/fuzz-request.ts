/** Which of the services a request goes to. */
export type Service = "calendar" | "admin" | "integrations";

export type Header = readonly [name: string, value: string];

/** A request as it is meant, before it is written as HTTP. */
export type FuzzRequest = {
  readonly service: Service;
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  /** `Host`, `Content-Length` and the like are added when it is sent, unless they stand here. */
  readonly headers: readonly Header[];
  readonly body?: string | Buffer;
  /** What is sent instead, byte by byte, where even the HTTP is wrong. */
  readonly bytes?: Buffer;
  /** The route it is made from, as `calendar POST /mcp`. */
  readonly route: string;
  /** Nothing is wrong with it: its route has to do what it is there for, or refuse it for a reason of its own. */
  readonly isValid: boolean;
};

/** RFC 9112, section 3: the request as bytes. */
export function toBytes({ method, target, headers, body }: FuzzRequest, host: string): Buffer {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const added: Header[] = [];
  if (!given.has("host")) added.push(["Host", host]);
  const framed = given.has("content-length") || given.has("transfer-encoding");
  if (body !== undefined && !framed) added.push(["Content-Length", `${Buffer.byteLength(body)}`]);
  const lines = [...added, ...headers].map(([name, value]) => `${name}: ${value}`);
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body ?? "")]);
}

/** Whether it has to be answered: what has a byte that HTTP doesn't know may be hung up on instead. */
export function isWhole({ headers, target, method, bytes }: FuzzRequest): boolean {
  return (
    bytes === undefined &&
    method !== "BREW" &&
    /^[\x21-\x7e]+$/.test(target) &&
    headers.every(([name, value]) => /^[\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
  );
}

const longestShown = 300;

/** A failing request in a few lines, without anybody's keys. */
export function describeRequest(request: FuzzRequest): string {
  const { service, method, target, headers, body, bytes } = request;
  if (bytes !== undefined) return `${service} raw ${JSON.stringify(hideKeys(bytes.toString("latin1")))}`;
  const shown = headers.map(([name, value]) => `\n  ${name}: ${shorten(hideKeys(value))}`).join("");
  const sent = body === undefined ? "" : `\n  ${shorten(JSON.stringify(body.toString()))}`;
  return `${service} ${method} ${shorten(target)}${shown}${sent}`;
}

function hideKeys(text: string): string {
  return shorten(text.replaceAll(/Bearer\s+[^\s"]+/gi, "Bearer …"));
}

function shorten(text: string): string {
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}… (${text.length})`;
}
