import type { AccountProvider, Values } from "@cita/providers/accounts";
import type { Answer } from "../answer.ts";
import type { Incoming } from "../incoming.ts";
import { createUrlReader, type TextReader } from "../templates/text-reader.ts";

/** One place of a provider that takes requests. */
export type Endpoint = {
  /** Whose dialect its refusals are in. */
  readonly provider: AccountProvider;
  readonly method: string;
  /** Reads the values of a URL without its query; undefined: the URL is another endpoint's. */
  readonly readUrl: TextReader;
  /** Whether any host may be its own, so that those of fixed hosts go first. */
  readonly isAnyHost: boolean;
  /** Among the endpoints at one URL the first that a request fits answers, or else the first. */
  readonly fits: (incoming: Incoming, urlValues: Values) => boolean;
  /** @throws AccountRefusal */
  readonly answer: (incoming: Incoming, urlValues: Values) => Answer | Promise<Answer>;
};

/** The part of an endpoint that follows from its URL's template. */
export function endpointAt(provider: AccountProvider, method: string, url: string) {
  const patterns = Object.fromEntries(provider.inputs.map(({ name, pattern }) => [name, pattern]));
  return {
    ...{ provider, method, readUrl: createUrlReader(url, patterns) },
    isAnyHost: /^https:\/\/[^/]*\{/.test(url),
    fits: (): boolean => true,
  };
}
