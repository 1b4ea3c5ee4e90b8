import { createHash } from "node:crypto";
import type { Values } from "@cita/providers/accounts";
import { subjectOf } from "../../google/accounts.ts";

/** Whose account it is: what a person has typed, in lower case, and what the request named besides. */
export type AccountSeed = {
  readonly groupId: string;
  readonly account: string;
  readonly inputs: Values;
};

/** How a provider's own values look. What isn't said is made of digits. */
type AccountShape = {
  /** In the order of the definition's paths. */
  readonly ids?: (seed: AccountSeed) => readonly string[];
  /** By the names of their placeholders; of one that is the host of a URL: the host. */
  readonly facts?: (seed: AccountSeed) => Values;
  /** Where each tenant is an issuer of its own. @param ids those of the account */
  readonly issuer?: (ids: readonly string[]) => string;
};

const shapes: Readonly<Record<string, AccountShape>> = {
  gmail: { ids: ({ account }) => [subjectOf(account)] },
  youtube: { ids: (seed) => [`UC${hash(seed, "channel").toString("base64url").slice(0, 22)}`] },
  "google-ads": { ids: (seed) => [`customers/${digits(seed, "customer", 10)}`] },
  "outlook-mail": {
    ids: (seed) => [uuid(seed, "tenant"), uuid(seed, "user")],
    issuer: ([tenant]) => `https://login.microsoftonline.com/${tenant}/v2.0`,
  },
  salesforce: {
    ids: (seed) => [`00D${letters(seed, "organization", 15)}`, `005${letters(seed, "user", 15)}`],
    facts: (seed) => ({ instance_host: `${slug(seed.account)}.my.salesforce.com` }),
  },
  shopify: { ids: ({ inputs }) => [inputs.shop ?? ""] },
  woocommerce: { ids: ({ inputs }) => [`https://${inputs.store}`] },
  mailchimp: { facts: () => ({ dc: "us21" }) },
  stripe: { ids: (seed) => [`acct_${letters(seed, "account", 16)}`] },
  slack: { ids: (seed) => [`T${letters(seed, "team", 9)}`] },
};

/** The ids of an account, as many as the definition has paths for. */
export function idsOf(providerId: string, seed: AccountSeed, count: number): readonly string[] {
  const shaped = shapes[providerId]?.ids?.(seed);
  return shaped ?? Array.from({ length: count }, (_, i) => digits(seed, `id ${i}`, 17));
}

export function factOf(providerId: string, seed: AccountSeed, name: string, isHost: boolean): string {
  const known = shapes[providerId]?.facts?.(seed)[name];
  return known ?? (isHost ? `${slug(seed.account)}.${providerId}.example` : digits(seed, name, 12));
}

/** @returns undefined where the definition's issuers are no pattern. */
export function issuerOf(providerId: string, ids: readonly string[]): string | undefined {
  return shapes[providerId]?.issuer?.(ids);
}

function hash({ groupId, account }: AccountSeed, of: string): Buffer {
  return createHash("sha256").update(`${groupId} ${of} ${account}`).digest();
}

function digits(seed: AccountSeed, of: string, length: number): string {
  return `1${BigInt(`0x${hash(seed, of).toString("hex")}`)}`.slice(0, length);
}

function letters(seed: AccountSeed, of: string, length: number): string {
  return hash(seed, of).toString("hex").toUpperCase().slice(0, length);
}

function uuid(seed: AccountSeed, of: string): string {
  const hex = hash(seed, of).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function slug(text: string): string {
  return text.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}
