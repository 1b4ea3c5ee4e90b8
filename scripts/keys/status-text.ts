import { isNeeded, type KeyReport, type KeyUse } from "@cita/token-store";

/** The keys, how many rows each has sealed, and what to do next. */
export function statusText(report: KeyReport): string {
  const configured = report.keys.filter((key) => key.configured);
  const others = report.keys.filter((key) => !key.configured);
  const lines = [
    "Keys in TOKEN_ENCRYPTION_KEY. The first seals, all of them open:",
    ...configured.map((key, i) => `  ${i + 1}. ${rowText(key)}`),
  ];
  if (others.length > 0) {
    lines.push("Keys that are not in TOKEN_ENCRYPTION_KEY:", ...others.map((key) => `  -  ${rowText(key)}`));
  }
  return `${[...lines, "", ...keySteps(report)].join("\n")}\n`;
}

function rowText({ fingerprint, connections, liveLinks, deadLinks }: KeyUse): string {
  const counts = `connections: ${connections}, links: ${liveLinks}`;
  const over = deadLinks > 0 ? ` (and ${deadLinks} that are over)` : "";
  return `${fingerprint ?? "unrecorded      "}  ${counts}${over}`;
}

/** What the operator has to do about the keys: one step a text. */
export function keySteps({ keys, missing, opens }: KeyReport): string[] {
  const steps: string[] = [];
  if (missing.length > 0) {
    const names = missing.map((key) => key.fingerprint ?? "unrecorded").join(", ");
    const effect =
      opens === "nothing"
        ? "mcp-calendar won't start without it."
        : "Those customers can't be served without it; the others are.";
    steps.push(
      `Put the missing key (${names}) back into TOKEN_ENCRYPTION_KEY, behind the first, and restart. ${effect}`,
      "Only if it is lost for good: npm run keys -- forget <fingerprint>",
    );
  }
  const [first, ...older] = keys.filter((key) => key.configured);
  const inUse = older.filter(isNeeded);
  const free = older.filter((key) => !isNeeded(key));
  if (inUse.length > 0) {
    steps.push(
      `Restart every mcp-calendar if its keys have changed since it started, then: npm run keys -- rotate`,
    );
  }
  if (free.length > 0) steps.push(removalText(free));
  if (steps.length === 0)
    steps.push(`Nothing to do: all that is stored is sealed with ${first?.fingerprint}.`);
  return steps;
}

/** How to remove keys that no row needs. */
export function removalText(free: readonly KeyUse[]): string {
  const names = free.map((key) => key.fingerprint).join(", ");
  return `Nothing needs ${names} any more: remove ${free.length === 1 ? "it" : "them"} from TOKEN_ENCRYPTION_KEY and restart. Keep a copy as long as you keep backups that were made before.`;
}
