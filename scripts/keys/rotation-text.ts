import { isNeeded, type KeyUse, type Rotation, type UnopenedRow } from "@cita/token-store";
import { removalText } from "./status-text.ts";

/** Whether the first key has sealed every row that is still used. */
export function isRotationComplete({ report }: Rotation): boolean {
  return report.missing.length === 0 && !olderKeys(report.keys).some(isNeeded);
}

/** How many rows were sealed anew, which keys can be removed, and why the others can't. */
export function rotationText(rotation: Rotation): string {
  const { resealed, unopened, report } = rotation;
  const older = olderKeys(report.keys);
  const lines = [
    `${resealed} ${resealed === 1 ? "row was" : "rows were"} sealed with ${report.keys[0]?.fingerprint}.`,
  ];
  const missing = unopened.filter((row) => !isConfigured(row, report.keys));
  const damaged = unopened.filter((row) => isConfigured(row, report.keys));
  for (const [fingerprint, rows] of Map.groupBy(missing, (row) => row.fingerprint ?? "unrecorded")) {
    lines.push(
      `Customers whose rows need key ${fingerprint}, which is not in TOKEN_ENCRYPTION_KEY: ${customersOf(rows)}. Put it back behind the first key, restart, and rotate again.`,
    );
  }
  for (const [fingerprint, rows] of Map.groupBy(damaged, (row) => row.fingerprint)) {
    lines.push(
      `Customers whose rows are damaged, because key ${fingerprint} is there and can't open them: ${customersOf(rows)}. Send each a new link, or restore a backup. That key must stay until then.`,
    );
  }
  const stillSealing = older.filter((key) => isNeeded(key) && needsMoreThan(key, damaged));
  for (const { fingerprint } of stillSealing) {
    lines.push(
      `New rows were sealed with ${fingerprint} meanwhile: a mcp-calendar still runs with it as its first key. Restart it, and rotate again.`,
    );
  }
  const free = older.filter((key) => !isNeeded(key));
  if (free.length > 0) lines.push(removalText(free));
  return `${lines.join("\n")}\n`;
}

function olderKeys(keys: readonly KeyUse[]): KeyUse[] {
  return keys.filter((key) => key.configured).slice(1);
}

function isConfigured({ fingerprint }: UnopenedRow, keys: readonly KeyUse[]): boolean {
  return keys.some((key) => key.configured && key.fingerprint === fingerprint);
}

function needsMoreThan({ fingerprint, connections, liveLinks }: KeyUse, damaged: readonly UnopenedRow[]) {
  const ofKey = damaged.filter((row) => row.fingerprint === fingerprint).length;
  return connections + liveLinks > ofKey;
}

function customersOf(rows: readonly UnopenedRow[]): string {
  return [...new Set(rows.map((row) => row.customerId))].join(", ");
}
