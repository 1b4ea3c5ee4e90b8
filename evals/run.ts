import { loadEvals } from "./conversation.ts";
import { withLifetime } from "./lifetime.ts";
import { chooseProvider } from "./model/choose-provider.ts";
import { converseAll } from "./model/converse-all.ts";
import { openWorld } from "./open-world.ts";
import { readOptions } from "./options.ts";
import { playAll } from "./play-all.ts";
import { failed, toModelReport, toReport } from "./report.ts";

const nobodyAsked =
  "No model was asked: that takes --model and, in the environment, ANTHROPIC_API_KEY or OPENAI_API_KEY.";

async function main(): Promise<void> {
  const evals = loadEvals();
  const options = readOptions(process.argv.slice(2), evals);
  if (typeof options === "string") return refuse(options);
  const { only, agent, model } = options;
  const conversations = evals.conversations.filter(({ id }) => only === undefined || id === only);
  const chosen = { ...evals, conversations };

  if (model === undefined) {
    const played = await withLifetime(async (lifetime) =>
      playAll(await openWorld(lifetime), chosen, { agent }),
    );
    process.stdout.write(`${toReport(played)}\n${nobodyAsked}\n`);
    if (failed(played).length > 0) process.exitCode = 1;
    return;
  }
  const provider = chooseProvider(model, process.env);
  if (provider === undefined) return refuse(nobodyAsked);
  const played = await withLifetime(async (lifetime) =>
    converseAll(await openWorld(lifetime), chosen, provider, model),
  );
  process.stdout.write(toModelReport(played));
  if (failed(played).length > 0) process.exitCode = 1;
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

await main();
