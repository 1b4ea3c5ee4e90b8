import type { Accounts } from "../accounts.ts";
import type { MadeLink, UserLinkKind } from "../one-time-links.ts";
import type { User } from "../user.ts";
import type { Mailer } from "./mailer.ts";
import { mailWordsOf } from "./words.ts";

/** The paths of the panel that open one-time links. */
const paths: Readonly<Record<UserLinkKind | "owner", string>> = {
  invitation: "/invitacion/",
  reset: "/restablecer/",
  sign_in: "/entrar/",
  owner: "/entrar/",
};

/** @param publicUrl where browsers reach the panel. */
export function linkUrl(publicUrl: string, kind: UserLinkKind | "owner", { token }: MadeLink): string {
  return `${publicUrl}${paths[kind]}${token}`;
}

/** Mails a link to the user whose it is. @returns whether it is on its way. */
export function createLinkMails(mailer: Mailer, publicUrl: string) {
  return (kind: "invitation" | "reset", { email, language }: User, link: MadeLink): Promise<boolean> => {
    const { subject, text } = mailWordsOf(language)[kind](linkUrl(publicUrl, kind, link));
    return mailer.send({ to: email, subject, text });
  };
}

export type SendLink = ReturnType<typeof createLinkMails>;

type HandOutDeps = {
  readonly people: { readonly accounts: Pick<Accounts, "makeLink"> };
  readonly sendLink: SendLink;
  readonly publicUrl: string;
};

/** A new link. `url`: to be passed on by whoever asked; null where it was mailed. */
type HandedOutLink = { readonly url: string | null; readonly isSent: boolean; readonly expiresAt: string };

/** Makes a link, and mails it where that is possible. Links to sign in are never mailed. */
export async function handOutLink(
  { people, sendLink, publicUrl }: HandOutDeps,
  kind: UserLinkKind,
  user: User,
): Promise<HandedOutLink> {
  const link = await people.accounts.makeLink(kind, user.id);
  const isSent = kind !== "sign_in" && (await sendLink(kind, user, link));
  return { url: isSent ? null : linkUrl(publicUrl, kind, link), isSent, expiresAt: link.expiresAt };
}
