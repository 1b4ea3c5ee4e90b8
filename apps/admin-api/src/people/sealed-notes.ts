import { z } from "zod";
import type { Sealing } from "./sealing.ts";

/** Notes of one kind that a client keeps for us between two requests, and can neither read nor change. */
export type SealedNotes<Note> = {
  seal(note: Note): string;
  /** @returns undefined where it isn't a note of this kind, or is too old. */
  open(sealed: string): Note | undefined;
};

type Deps = {
  readonly sealing: Pick<Sealing, "seal" | "open">;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** @param schema of the notes of this kind: a sealed note of another must not match it. */
export function createSealedNotes<Note>(
  { sealing, now }: Deps,
  { schema, maxAgeMs }: { readonly schema: z.ZodType<Note>; readonly maxAgeMs: number },
): SealedNotes<Note> {
  const dated = z.object({ note: schema, at: z.number() });
  return {
    seal: (note) => sealing.seal(JSON.stringify({ note, at: now() })),
    open(sealed) {
      const text = sealing.open(sealed);
      if (text === undefined) return undefined;
      const { data } = dated.safeParse(JSON.parse(text));
      return data !== undefined && data.at > now() - maxAgeMs ? data.note : undefined;
    },
  };
}
