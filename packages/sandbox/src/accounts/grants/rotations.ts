import type { AccountRenewal } from "@cita/providers/accounts";
import type { Grant, Grants } from "./grants.ts";

type Rotation = Extract<AccountRenewal, { kind: "refresh_token" }>["rotation"];

/** A refresh token that was just used, and how long a new one lives in seconds. */
type Used = { readonly token: string; readonly grant: Grant; readonly lifetime: number | null };

/** The refresh token that a renewal gives, and what becomes of the one that was used. */
export const rotations = {
  no: (_grants, { token }) => token,
  kept: (grants, { grant, lifetime }) => grants.giveRefreshToken(grant, lifetime),
  grace: (grants, { token, grant, lifetime }) => grants.giveRefreshToken(grant, lifetime, token),
  strict(grants, { token, grant, lifetime }) {
    grants.endRefreshToken(token);
    return grants.giveRefreshToken(grant, lifetime);
  },
} satisfies Record<Rotation, (grants: Grants, used: Used) => string>;
