import { isLoopbackHost, type Logger } from "@cita/process";
import { createTransport } from "nodemailer";

export type Mail = { readonly to: string; readonly subject: string; readonly text: string };

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
  const transport = createTransport({
    ...{ host, port, secure, requireTLS: !secure && !isLoopbackHost(host) },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    ...(user !== undefined && { auth: { user, pass } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    isConfigured: true,
    async send(mail) {
      try {
        await transport.sendMail({ from, ...mail });
        return true;
      } catch (err) {
        logger.error({ err }, "a mail couldn't be sent");
        return false;
      }
    },
    close: () => transport.close(),
  };
}
