import { isLoopbackHost, type Logger } from "@cita/process";
import type { Transporter } from "nodemailer";

export type Mail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Default: a new one. */
  readonly messageId?: string;
};

export type Mailer = {
  /** Whether mail can be sent at all. Where it can't, links are shown to admins. */
  readonly isConfigured: boolean;
  /** @returns whether the server has taken it. What went wrong is in the log. */
  send(mail: Mail): Promise<boolean>;
  close(): void;
};

export type MailConfig = {
  readonly SMTP_HOST?: string | undefined;
  readonly SMTP_PORT: number;
  readonly SMTP_USER?: string | undefined;
  readonly SMTP_PASS?: string | undefined;
  readonly SMTP_FROM?: string | undefined;
};

const smtpsPort = 465;
const timeoutMs = 20_000;

/** Sends mail by SMTP, encrypted unless the server is on this machine. */
export function createMailer(config: MailConfig, logger: Logger): Mailer {
  const { SMTP_HOST: host, SMTP_PORT: port, SMTP_USER: user, SMTP_PASS: pass = "", SMTP_FROM: from } = config;
  if (host === undefined || from === undefined)
    return { isConfigured: false, send: async () => false, close: () => undefined };
  const secure = port === smtpsPort;
  const options = {
    ...{ host, port, secure, requireTLS: !secure && !isLoopbackHost(host) },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...(user !== undefined && { auth: { user, pass } }),
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
  let transport: Promise<Transporter> | undefined;
  return {
    isConfigured: true,
    async send(mail) {
      try {
        // The library takes 0.2 s and 20 MB to load, which a service that sends nothing saves.
        transport ??= import("nodemailer").then(({ createTransport }) => createTransport(options));
        await (await transport).sendMail({ from, ...mail });
        return true;
      } catch (err) {
        logger.error({ err }, "a mail couldn't be sent");
        return false;
      }
    },
    close: () => void transport?.then((opened) => opened.close()),
  };
}
