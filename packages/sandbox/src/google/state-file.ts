import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type SandboxState, sandboxState } from "./state.ts";

/** Where a sandbox keeps its state between runs. One sandbox at a time: the last to save wins. */
export type StateFile = {
  /**
   * Gives `restore` what the file holds; undefined where there is none yet. A state that `restore` throws at
   * is as damaged as one that can't be parsed.
   */
  load<Restored>(restore: (state: SandboxState | undefined) => Restored): Restored;
  /**
   * Replaces the file as a whole, so that a kill at any moment leaves the old state or the new one. A state
   * that is no different isn't written: a sandbox that did nothing doesn't undo what another one did.
   */
  save(state: SandboxState): void;
};

/** Why a state file can't be used: one sentence that names it, for whoever starts the sandbox. */
export class StateFileError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "StateFileError";
  }
}

/**
 * Opens a state file and makes its folder where there is none. Throws a StateFileError now, not at the first
 * save, where the folder can't be written to. Nothing is written yet: another sandbox may hold the file and,
 * with it, the port that this one is about to be refused.
 */
export function openStateFile(givenPath: string): StateFile {
  const path = resolve(givenPath);
  const folder = dirname(path);
  // A fixed name: what a kill leaves half-written is overwritten by the next save.
  const temporary = `${path}.tmp`;
  let inFile: string | undefined;

  reaching(path, () => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  });
  return {
    load(restore) {
      inFile = reaching(path, () => readIfThere(path));
      try {
        return restore(inFile === undefined ? undefined : sandboxState.parse(JSON.parse(inFile)));
      } catch (cause) {
        throw new StateFileError(
          `The sandbox's state file ${path} is damaged or of another version: delete it to start afresh.`,
          cause,
        );
      }
    },
    save(state) {
      const text = JSON.stringify(state);
      if (text === inFile) return;
      reaching(path, () => {
        // The tokens in it open nothing but a sandbox, yet a file of tokens should look like one.
        writeFileSync(temporary, text, { mode: 0o600 });
        renameSync(temporary, path);
      });
      inFile = text;
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function reaching<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StateFileError(`The sandbox can't keep its state in ${path}: ${reason}`, cause);
  }
}
