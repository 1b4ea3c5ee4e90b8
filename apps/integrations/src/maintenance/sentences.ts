import type { AccountProvider } from "@cita/providers/accounts";
import type { Obstacle } from "../integrations/integration.ts";

/** Why an access is lost and what to do, in a sentence for whoever looks after it. @param reason a code. */
export function explainLoss(
  { name, accessPage }: Pick<AccountProvider, "name" | "accessPage">,
  reason: string,
): string {
  const where = accessPage === null ? "" : `, at ${accessPage} perhaps`;
  return `${name} has ended the access (${reason}): it was taken back${where}, or has run out. Connect it again.`;
}

export function explainObstacle(
  { name }: Pick<AccountProvider, "name">,
  obstacle: Obstacle,
  reason: string,
): string {
  switch (obstacle) {
    case "refused":
      return `${name} doesn't allow it for this account (${reason}). Its owner can see why in the settings there.`;
    case "misconfigured":
      return `${name} doesn't accept our client (${reason}). The operator has to look at its id, secret and settings.`;
    case "rate_limited":
      return `${name} has asked us to wait, and the access has expired meanwhile. It is tried again.`;
    case "unreachable":
      return `${name} doesn't answer as it should (${reason}), and the access has expired meanwhile. It is tried again.`;
  }
}
