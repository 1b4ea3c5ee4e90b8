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
