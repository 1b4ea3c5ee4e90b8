import { type FuzzRequest, toBytes } from "./fuzz-request.ts";
import type { Random } from "./random.ts";

const host = "localhost";

/** What is no HTTP any more, or of which it is unclear where it ends. RFC 9112, sections 3 to 7. */
export function malformed(request: FuzzRequest, random: Random): Buffer {
  const body = request.body?.toString() ?? '{"a":1}';
  const { method, target, headers } = request;
  const fields = headers.map(([name, value]) => `${name}: ${value}`).join("\r\n");
  const start = `${method} ${target} HTTP/1.1\r\nHost: ${host}`;
  const length = Buffer.byteLength(body);
  const whole = toBytes(request, host).toString("latin1");
  const ways: (() => string | Buffer)[] = [
    () => `${start}\r\n${fields}\r\nContent-Length: ${length + 10}\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: ${Math.max(0, length - 3)}\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: -1\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: 1e3\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: 99999999999999999999\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: ${length}\r\nContent-Length: 1\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nContent-Length: ${length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body)}`,
    () => `${start}\r\n${fields}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n${body}`,
    () =>
      `${start}\r\n${fields}\r\nTransfer-Encoding: chunked\r\n\r\n1;${"a=b;".repeat(500)}\r\n{\r\n0\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunked(body)}`,
    () =>
      `${start}\r\n${fields}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body).slice(0, -5)}0\r\nX: y\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nno colon here\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nX-Null: a\0b\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\n folded\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nHost: second.example\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nX-Big: ${"a".repeat(20_000)}\r\n\r\n`,
    () => `${start}\r\n${fields}\r\n${"A: b\r\n".repeat(3_000)}\r\n`,
    () => `${start}\r\n${fields}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nExpect: a-miracle\r\nContent-Length: ${length}\r\n\r\n${body}`,
    () => `${start}\r\n${fields}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    () =>
      `${start}\r\n${fields}\r\nConnection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA\r\n\r\n`,
    () => `${start}\r\n${fields}\r\nConnection: close, ${"x,".repeat(2_000)}\r\n\r\n`,
    () => whole.replace("HTTP/1.1", "HTTP/1.0"),
    () => whole.replace("HTTP/1.1", "HTTP/9.9"),
    () => whole.replace("HTTP/1.1", "HTTP/2"),
    () => whole.replace(" HTTP/1.1", ""),
    () => whole.replaceAll("\r\n", "\n"),
    () => whole.replace(" ", "\t"),
    () => whole.replace(" /", " \0/"),
    () => whole.replace(" /", " http://evil.example/"),
    () => whole.replace(/Host: [^\r]*\r\n/i, ""),
    () => whole.toLowerCase(),
    () => whole.slice(0, random.below(whole.length)),
    () => `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => `GET ${"/a".repeat(10_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => whole.repeat(5),
    () => `${whole}GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x00]),
    () => Buffer.from(Array.from({ length: 200 }, () => random.below(256))),
    () => "\r\n\r\n\r\n",
    () => `${"\r\n".repeat(5)}${whole}`,
  ];
  const made = random.pick(ways)();
  return typeof made === "string" ? Buffer.from(made, "latin1") : made;
}

function chunked(body: string): string {
  const bytes = Buffer.from(body).toString("latin1");
  return `${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`;
}
