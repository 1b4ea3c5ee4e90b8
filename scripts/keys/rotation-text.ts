import { isNeeded, type KeyUse, type Rotation, type UnopenedRow } from "@cita/token-store";
import type { SealedService } from "./sealed-services.ts";
import { configuredKeys, missingKeys, olderKeys } from "./service-keys.ts";
import { removalText } from "./status-text.ts";

/** What was done in one service's database. */
export type ServiceRotation = Rotation & { readonly service: SealedService };

/** Whether the first key has sealed every row that is still used. */
export function isRotationComplete(rotations: readonly ServiceRotation[]): boolean {
  return missingKeys(rotations).length === 0 && olderKeys(rotations).inUse.length === 0;
}

/** How many rows were sealed anew, which keys can be removed, and why the others can't. */
export function rotationText(rotations: readonly ServiceRotation[]): string {
  const resealed = rotations.reduce((sum, rotation) => sum + rotation.resealed, 0);
  const lines = [
    `${resealed} ${resealed === 1 ? "row was" : "rows were"} sealed with ${configuredKeys(rotations)[0]}.`,
    ...rotations.flatMap(describeLeft),
  ];
  const { free } = olderKeys(rotations);
  if (free.length > 0) lines.push(removalText(free));
  return `${lines.join("\n")}\n`;
}

/** Why rows of a service still need other keys. */
function describeLeft({ service, unopened, report }: ServiceRotation): string[] {
  const lines: string[] = [];
  const missing = unopened.filter((row) => !isConfigured(row, report.keys));
  const damaged = unopened.filter((row) => isConfigured(row, report.keys));
  for (const [fingerprint, rows] of Map.groupBy(missing, (row) => row.fingerprint ?? "unrecorded")) {
    lines.push(
      `${service.owners} whose rows need key ${fingerprint}, which is not in TOKEN_ENCRYPTION_KEY: ${ownersOf(rows)}. Put it back behind the first key, restart, and rotate again.`,
    );
  }
  for (const [fingerprint, rows] of Map.groupBy(damaged, (row) => row.fingerprint)) {
    lines.push(
      `${service.owners} whose rows are damaged, because key ${fingerprint} is there and can't open them: ${ownersOf(rows)}. ${service.connectAgain}, or restore a backup. That key must stay until then.`,
    );
  }
  const older = report.keys.filter((key) => key.configured).slice(1);
  for (const { fingerprint } of older.filter((key) => isNeeded(key) && needsMoreThan(key, damaged))) {
    lines.push(
      `New rows were sealed with ${fingerprint} meanwhile: an instance of ${service.name} still runs with it as its first key. Restart it, and rotate again.`,
    );
  }
  return lines;
}

function isConfigured({ fingerprint }: UnopenedRow, keys: readonly KeyUse[]): boolean {
  return keys.some((key) => key.configured && key.fingerprint === fingerprint);
}

function needsMoreThan(use: KeyUse, damaged: readonly UnopenedRow[]) {
  const { fingerprint, connections, liveLinks, webhooks = 0 } = use;
  const ofKey = damaged.filter((row) => row.fingerprint === fingerprint).length;
  return connections + liveLinks + webhooks > ofKey;
}

function ownersOf(rows: readonly UnopenedRow[]): string {
  return [...new Set(rows.map((row) => row.customerId))].join(", ");
}
