import type { Provider } from "./definition.ts";
import type { Loss } from "./strategies/dialect.ts";

/** Why a connection was probably lost and what to do, in sentences for the admin; null: it isn't lost. */
export type ExplainLoss = (status: Loss) => string | null;

/** Explains losses in the words of each connection's provider. */
export function createExplainLoss(providers: readonly Provider[]): ExplainLoss {
  return (status) => {
    const { reconnectRequiredSince, reconnectReason } = status;
    if (reconnectRequiredSince === null) return null;
    const provider = providers.find(({ id }) => id === status.provider);
    const own = provider?.dialect.explainLoss(status);
    if (own != null) return own;
    const name = provider?.name ?? "The provider";
    return `${name} has ended the access (${reconnectReason ?? "it gave no reason"}). The business has to connect again.`;
  };
}
