import { createServer, type Socket } from "node:net";
import type { Lifetime } from "./world.ts";

export type Mailbox = {
  readonly variables: Record<string, string>;
  /** What has arrived, as it was sent. */
  readonly mails: readonly string[];
  /** Refuses as many mails for now. */
  refuse(count: number): void;
};

/** A mail server (RFC 5321) that keeps what it gets. */
export async function openMailbox(t: Lifetime, port: number): Promise<Mailbox> {
  const mails: string[] = [];
  let refusals = 0;
  const server = createServer((socket) => void serve(socket, mails, () => refusals-- > 0));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  return {
    variables: { SMTP_HOST: "127.0.0.1", SMTP_PORT: String(port), SMTP_FROM: "Cita <cita@example.com>" },
    mails,
    refuse(count) {
      refusals = count;
    },
  };
}

async function serve(socket: Socket, mails: string[], refuses: () => boolean): Promise<void> {
  socket.setEncoding("utf8").on("error", () => undefined);
  const answer = (line: string) => socket.write(`${line}\r\n`);
  let waiting = "";
  let isData = false;
  answer("220 mailbox");
  socket.on("data", (chunk) => {
    waiting += chunk;
    for (;;) {
      const end = waiting.indexOf(isData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const part = waiting.slice(0, end);
      waiting = waiting.slice(end + (isData ? 5 : 2));
      if (isData) {
        isData = false;
        mails.push(part);
        answer("250 kept");
      } else if (part.startsWith("DATA")) {
        isData = true;
        answer("354 go on");
      } else if (part.startsWith("MAIL") && refuses()) answer("451 not now");
      else if (part.startsWith("QUIT")) socket.end("221 bye\r\n");
      else answer("250 fine");
    }
  });
}

/** The body of a mail, without its encoding. */
export function readMail(mail: string): { headers: string; body: string } {
  const [headers = "", body = ""] = mail.split(/\r\n\r\n(.*)/s);
  if (/^Content-Transfer-Encoding: base64/im.test(headers))
    return { headers, body: Buffer.from(body, "base64").toString() };
  const bytes = body.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => `%${hex}`);
  return {
    headers,
    body: /quoted-printable/i.test(headers)
      ? decodeURIComponent(bytes.replaceAll(/%(?![0-9A-F]{2})/g, "%25"))
      : body,
  };
}
