import type { RecordedAnswer } from "./recorded-answers.ts";
import type { Leak, Secrets } from "./secrets.ts";

type Exception = { kind: string; where: (answer: RecordedAnswer) => boolean };

/** The answers that have to hold a secret. */
const exceptionsFor = (customersUrl: string): readonly Exception[] => [
  // The admin shares the link.
  { kind: "link token", where: ({ url }) => url.href.startsWith(customersUrl) },
  { kind: "link token", where: ({ url }) => url.pathname === "/oauth/authorize" },
  // An agent's key is shown once.
  { kind: "agent key", where: ({ url, status }) => url.pathname.endsWith("/agent-keys") && status === 201 },
  // Whoever has opened a link is sent on from its page, and back to it for another try.
  { kind: "link token", where: ({ url }) => url.pathname.startsWith("/connect/") },
  { kind: "link token", where: ({ url, status }) => url.pathname === "/oauth/callback" && status >= 400 },
  // The browser carries these to Google and back: in the address, and in cookies of its own.
  { kind: "state", where: isStart },
  { kind: "PKCE verifier", where: isStart },
];

/** The answer to Continue, which sends the browser on to Google. */
export function isStart({ url, status }: RecordedAnswer): boolean {
  return url.pathname.startsWith("/connect/") && status === 303;
}

/** @returns the secrets in an answer that needn't be there. */
export function findLeaks(secrets: Secrets, customersUrl: string, answer: RecordedAnswer): Leak[] {
  const allowed = exceptionsFor(customersUrl)
    .filter(({ where }) => where(answer))
    .map(({ kind }) => kind);
  const place = `${answer.status} ${answer.method} ${answer.url.pathname}`;
  return secrets.findIn(place, answer.text).filter(({ kind }) => !allowed.includes(kind));
}
