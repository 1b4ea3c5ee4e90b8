import { setTimeout as sleep } from "node:timers/promises";
import { type CatchUpOptions, createCatchUp } from "@cita/process";
import type { StateChanges } from "./state-changes.ts";

type Deps = { readonly stateChanges: StateChanges };

type Options = Omit<CatchUpOptions, "run"> & { readonly update: () => Promise<void> };

/** A busy platform changes all the time, and nobody reads faster. */
const minPauseMs = 5_000;

/** What is shown of times and of the services changes by itself. */
const maxPauseMs = 60_000;

/** Keeps a page up to date that shows all customers together: it is updated at once, after changes, and each minute. */
export function keepFresh({ stateChanges }: Deps, { update, onFailure, signal }: Options): void {
  if (signal.aborted) return;
  const catchUp = createCatchUp({
    async run() {
      await begun;
      await update();
      await sleep(minPauseMs, undefined, { ref: false, signal }).catch(() => undefined);
    },
    onFailure,
    signal,
  });
  const { begun, stop } = stateChanges.subscribe(() => void catchUp());
  const timer = setInterval(() => void catchUp(), maxPauseMs).unref();
  signal.addEventListener("abort", () => {
    stop();
    clearInterval(timer);
  });
  void catchUp();
}
