import { createHmac, randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ConsentAppDeps } from "./consent-app.ts";

/** Serves the consent pages on this machine, from their first use until the calendar is connected. */
export type ConsentListener = {
  /** Resolves when the pages can be opened. @throws PortTakenError */
  open(): Promise<void>;
  close(): Promise<void>;
};

/** Another program than `cita-calendar` over the same database uses the port. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
  readonly code = "port_taken";
  constructor(port: number, options?: ErrorOptions) {
    super(
      `Port ${port} of this computer, on which it would be connected, is in use by another program.`,
      options,
    );
  }
}

export type ConsentListenerDeps = Omit<ConsentAppDeps, "proofOf" | "onShown"> & {
  port: number;
  /** Shared by all processes over one database, and known to no other program. */
  secret: string;
};

export function createConsentListener({ port, secret, ...consent }: ConsentListenerDeps): ConsentListener {
  const proofOf = (challenge: string) => createHmac("sha256", secret).update(challenge).digest("base64url");
  let opening: Promise<FastifyInstance | undefined> | undefined;

  async function listen(): Promise<FastifyInstance | undefined> {
    // Imported late: consent is rarely needed after the first day, and its modules take the longest to load.
    const { buildConsentApp } = await import("./consent-app.ts");
    const app = await buildConsentApp({ ...consent, proofOf, onShown: () => void close() });
    try {
      await app.listen({ host: "127.0.0.1", port });
      return app;
    } catch (error) {
      await app.close();
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      if (await isOurs(port, proofOf)) return undefined;
      throw new PortTakenError(port, { cause: error });
    }
  }

  return {
    async open() {
      opening ??= listen();
      // Undefined: another process serves the pages. It may be gone by the next call.
      if ((await opening.catch(forget)) === undefined) opening = undefined;
    },
    close,
  };

  async function close(): Promise<void> {
    const app = await opening?.catch(() => undefined);
    opening = undefined;
    await app?.close();
  }

  function forget(error: unknown): never {
    opening = undefined;
    throw error;
  }
}

const answer = z.object({ proof: z.string() });

/** Whether another process over the same database serves the pages. Links are never given to a foreign program. */
async function isOurs(port: number, proofOf: (challenge: string) => string): Promise<boolean> {
  const challenge = randomUUID();
  try {
    const response = await fetch(`http://127.0.0.1:${port}/proof/${challenge}`, {
      redirect: "error",
      signal: AbortSignal.timeout(1_000),
    });
    return answer.parse(await response.json()).proof === proofOf(challenge);
  } catch {
    return false;
  }
}
