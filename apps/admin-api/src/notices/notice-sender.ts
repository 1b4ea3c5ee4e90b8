import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { Mailer } from "../people/mail/mailer.ts";
import { mailWordsOf } from "../people/mail/words.ts";
import type { Notice, NoticeStore } from "./notice-store.ts";

const pauseMs = 2_000;

type Deps = {
  readonly notices: Pick<NoticeStore, "claim" | "sent" | "failed">;
  readonly mailer: Mailer;
  readonly publicUrl: string;
  readonly logger: Logger;
};

/**
 * Sends notices, one after another. A process that ends between the sending and the note of it leaves the notice to be sent
 * again, under the same Message-ID, by which mailboxes know it.
 */
export function createNoticeSender({ notices, mailer, publicUrl, logger }: Deps): BackgroundLoop {
  const { hostname } = new URL(publicUrl);

  async function sendNext(): Promise<boolean> {
    const notice = await notices.claim();
    if (notice === undefined) return false;
    const messageId = `<notice-${notice.id}@${hostname}>`;
    const isSent = await mailer.send({ to: notice.email, messageId, ...textOf(notice, publicUrl) });
    await (isSent ? notices.sent(notice.id) : notices.failed(notice));
    return true;
  }

  const loop = createBackgroundLoop(async () => {
    const isMore = await sendNext().catch((err: unknown) => {
      logger.error({ err }, "the mails to admins can't be sent for now");
      return false;
    });
    return isMore ? 0 : pauseMs;
  });

  return {
    start() {
      if (mailer.isConfigured) loop.start();
    },
    stop: loop.stop,
  };
}

function textOf({ kind, customerId, customerName, language }: Notice, publicUrl: string) {
  const page = `${publicUrl}/clientes/${encodeURIComponent(customerId)}`;
  const words = mailWordsOf(language);
  return kind === "connection_lost"
    ? words.connectionLost(customerName, `${page}/enlace`)
    : words.calendarRefuses(customerName, page);
}
