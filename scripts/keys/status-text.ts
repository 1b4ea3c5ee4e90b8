import type { KeyUse } from "@cita/token-store";
import { configuredKeys, missingKeys, olderKeys, otherKeys, type ServiceKeys } from "./service-keys.ts";

type Fingerprint = KeyUse["fingerprint"];

/** The keys, how many rows of each service each has sealed, and what to do next. */
export function statusText(services: readonly ServiceKeys[]): string {
  const others = otherKeys(services);
  const lines = [
    "Keys in TOKEN_ENCRYPTION_KEY. The first seals, all of them open:",
    ...configuredKeys(services).map((key, i) => `  ${i + 1}. ${rowText(key, services)}`),
  ];
  if (others.length > 0) {
    lines.push(
      "Keys that are not in TOKEN_ENCRYPTION_KEY:",
      ...others.map((key) => `  -  ${rowText(key, services)}`),
    );
  }
  return `${[...lines, "", ...keySteps(services)].join("\n")}\n`;
}

function rowText(fingerprint: Fingerprint, services: readonly ServiceKeys[]): string {
  const counts = services.map(({ service, report }) =>
    service.formatCounts(report.keys.find((key) => key.fingerprint === fingerprint)),
  );
  return `${fingerprint ?? "unrecorded      "}  ${counts.join("; ")}`;
}

/** What the operator has to do about the keys: one step a text. */
export function keySteps(services: readonly ServiceKeys[]): string[] {
  const steps: string[] = [];
  const missing = missingKeys(services);
  if (missing.length > 0) {
    const names = missing.map((key) => key ?? "unrecorded").join(", ");
    const effects = services.flatMap(({ service, report }) => {
      if (report.missing.length === 0) return [];
      return report.opens === "nothing" ? `${service.name} won't start without it.` : service.partOnly;
    });
    steps.push(
      `Put the missing key (${names}) back into TOKEN_ENCRYPTION_KEY, behind the first, and restart. ${effects.join(" ")}`,
      "Only if it is lost for good: npm run keys -- forget <fingerprint>",
    );
  }
  const { inUse, free } = olderKeys(services);
  if (inUse.length > 0) {
    const names = services.map(({ service }) => service.name).join(" and every ");
    steps.push(
      `Restart every ${names} if its keys have changed since it started, then: npm run keys -- rotate`,
    );
  }
  if (free.length > 0) steps.push(removalText(free));
  if (steps.length === 0)
    steps.push(`Nothing to do: all that is stored is sealed with ${configuredKeys(services)[0]}.`);
  return steps;
}

/** How to remove keys that no row needs. */
export function removalText(free: readonly Fingerprint[]): string {
  return `Nothing needs ${free.join(", ")} any more: remove ${free.length === 1 ? "it" : "them"} from TOKEN_ENCRYPTION_KEY and restart. Keep a copy as long as you keep backups that were made before.`;
}
