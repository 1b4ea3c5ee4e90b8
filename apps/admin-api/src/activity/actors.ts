import { z } from "zod";
import type { UserStore } from "../people/user-store.ts";

/** Who has done something. Events have ids only; names are looked up when they are shown. */
export const actorView = z
  .object({
    kind: z.enum(["program", "user", "owner"]),
    id: z.string().nullable().meta({ description: "Of the user, or of the business whose owner it was." }),
    name: z
      .string()
      .nullable()
      .meta({ description: "Of the user; null: there is nobody with this id any more." }),
  })
  .nullable()
  .meta({ description: "null: an agent, the business itself, or the service." });

export type ActorView = z.infer<typeof actorView>;

/** Looks up the names of those who have done something. */
export async function findActors(
  users: Pick<UserStore, "findByIds">,
  actors: readonly (string | null)[],
): Promise<(actor: string | null) => ActorView> {
  const ids = new Set(actors.flatMap((actor) => idIn(actor, "user") ?? []));
  const found = ids.size === 0 ? [] : await users.findByIds([...ids]);
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (actor) => {
    const [userId, ownerOf] = [idIn(actor, "user"), idIn(actor, "owner")];
    if (userId !== undefined) return { kind: "user", id: userId, name: names.get(userId) ?? null };
    if (ownerOf !== undefined) return { kind: "owner", id: ownerOf, name: null };
    return actor === "program" ? { kind: "program", id: null, name: null } : null;
  };
}

function idIn(actor: string | null, kind: "user" | "owner"): string | undefined {
  return actor?.startsWith(`${kind}:`) ? actor.slice(kind.length + 1) : undefined;
}

/** The user that an event is about, as an actor. */
export function userIn({ user_id: id }: Readonly<Record<string, unknown>>): string | null {
  return typeof id === "string" ? `user:${id}` : null;
}
