import { createHmac } from "node:crypto";

const prefix = "whsec_";

/**
 * The headers by which a receiver knows that a delivery is ours.
 * @param secrets each signs: while a secret is rotated, the present one and the one before.
 * @param at of this attempt, in epoch milliseconds.
 * @see https://github.com/standard-webhooks/standard-webhooks, version 1.0.0
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
