import type { Database } from "@cita/database";
import type { EventLog } from "@cita/events";
import type { Logger } from "@cita/process";
import { createSessionCookies } from "../access/session-cookies.ts";
import { createSignIn } from "../access/sign-in.ts";
import type { Config } from "../config.ts";
import { createAuthentication } from "./authentication.ts";
import { createForgottenPasswords } from "./forgotten-passwords.ts";
import { createLinkMails } from "./mail/link-mails.ts";
import { createMailer } from "./mail/mailer.ts";
import type { People } from "./people.ts";
import { createSealing } from "./sealing.ts";

type Deps = {
  readonly config: Config;
  readonly db: Database;
  readonly events: Pick<EventLog, "transaction">;
  readonly people: People;
  readonly logger: Logger;
  readonly now: () => number;
};

/** Wires what is over the stores of people: signing in, sessions of browsers, and mail. */
export function createIdentity({ config, db, events, people: stores, logger, now }: Deps) {
  const { ADMIN_PUBLIC_URL: publicUrl } = config;
  const { users, accounts, sessions } = stores;
  const authentication = createAuthentication({
    ...{ db, events, people: stores, issuer: publicUrl, now },
    sealing: createSealing(config.ADMIN_ENCRYPTION_KEY, config.ADMIN_API_KEY),
    accessTokenSeconds: config.JWT_EXPIRES_IN,
  });
  const cookies = createSessionCookies(publicUrl);
  const mailer = createMailer(config, logger);
  const sendLink = createLinkMails(mailer, publicUrl);
  const canSend = mailer.isConfigured;
  return {
    ...{ cookies, mailer, sendLink, authentication },
    people: { ...stores, ...authentication },
    ...createSignIn({ sessions, cookies, events }),
    forgottenPasswords: createForgottenPasswords({ users, accounts, sendLink, canSend, logger }),
  };
}
