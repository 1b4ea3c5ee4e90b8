import type { Logger } from "@cita/process";
import { minuteMs } from "@cita/scheduling";
import type { Accounts } from "./accounts.ts";
import type { SendLink } from "./mail/link-mails.ts";
import type { UserStore } from "./user-store.ts";

/** Mails links to another password to those who ask, if there is such a user. */
export type ForgottenPasswords = {
  /** Returns at once, so that nobody learns from the time whether there is such a user. */
  ask(email: string): void;
  /** Resolves when all mails are on their way. */
  settled(): Promise<void>;
};

/** So that nobody's mailbox is filled. */
const minPauseMs = minuteMs;

type Deps = {
  readonly users: Pick<UserStore, "findByEmail">;
  readonly accounts: Pick<Accounts, "makeResetLinkUnlessWithin">;
  readonly sendLink: SendLink;
  /** Otherwise the link would reach nobody. */
  readonly canSend: boolean;
  readonly logger: Logger;
};

export function createForgottenPasswords(deps: Deps): ForgottenPasswords {
  const { users, accounts, sendLink, canSend, logger } = deps;
  const underWay = new Set<Promise<void>>();

  async function mailLink(email: string): Promise<void> {
    const user = await users.findByEmail(email);
    if (!canSend || user === undefined || !user.isActive || user.joinedAt === null) return;
    const link = await accounts.makeResetLinkUnlessWithin(user.id, minPauseMs);
    if (link !== undefined) await sendLink("reset", user, link);
  }

  return {
    ask(email) {
      const work = mailLink(email).catch((err: unknown) => {
        logger.error({ err }, "a link to another password couldn't be made");
      });
      underWay.add(work);
      void work.then(() => underWay.delete(work));
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
