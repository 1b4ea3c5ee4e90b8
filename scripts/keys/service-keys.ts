import { isNeeded, type KeyReport, type KeyUse } from "@cita/token-store";
import type { SealedService } from "./sealed-services.ts";

/** The keys of one service. All services have the same keys, and one that any of them needs has to stay. */
export type ServiceKeys = { readonly service: SealedService; readonly report: KeyReport };

type Fingerprint = KeyUse["fingerprint"];

/** The configured keys in their order. */
export function configuredKeys(services: readonly ServiceKeys[]): Fingerprint[] {
  const [first] = services;
  return first === undefined ? [] : fingerprintsOf(first.report.keys.filter((key) => key.configured));
}

/** Those that aren't configured. */
export function otherKeys(services: readonly ServiceKeys[]): Fingerprint[] {
  const others = services.flatMap(({ report }) => report.keys.filter((key) => !key.configured));
  return [...new Set(fingerprintsOf(others))];
}

/** Those of them that something needs. */
export function missingKeys(services: readonly ServiceKeys[]): Fingerprint[] {
  return [...new Set(services.flatMap(({ report }) => fingerprintsOf(report.missing)))];
}

/** The configured keys after the first: those that any service needs, and those that none does. */
export function olderKeys(services: readonly ServiceKeys[]): { inUse: Fingerprint[]; free: Fingerprint[] } {
  const needed = services.flatMap(({ report }) => fingerprintsOf(report.keys.filter(isNeeded)));
  const older = configuredKeys(services).slice(1);
  return {
    inUse: older.filter((key) => needed.includes(key)),
    free: older.filter((key) => !needed.includes(key)),
  };
}

function fingerprintsOf(keys: readonly KeyUse[]): Fingerprint[] {
  return keys.map(({ fingerprint }) => fingerprint);
}
