import { loadEvals } from "./conversation.ts";
import { chooseLanguageModel } from "./model/choose-language-model.ts";
import { converseAll } from "./model/converse.ts";
import { parseOptions } from "./options.ts";
import { replayAll } from "./replay-all.ts";
import { failed, toModelReport, toReport } from "./report.ts";
import { openWorld, withLifetime } from "./world.ts";

const noModelAsked =
  "No model was asked: that takes --model and, in the environment, ANTHROPIC_API_KEY or OPENAI_API_KEY.";

async function main(): Promise<void> {
  const evals = loadEvals();
  const options = parseOptions(process.argv.slice(2), evals);
  if (typeof options === "string") return refuse(options);
  const { only, agent, model: modelName } = options;
  const conversations = evals.conversations.filter(({ id }) => only === undefined || id === only);
  const chosen = { ...evals, conversations };

  if (modelName === undefined) {
    const results = await withLifetime(async (lifetime) =>
      replayAll(await openWorld(lifetime), chosen, { agent }),
    );
    process.stdout.write(`${toReport(results)}\n${noModelAsked}\n`);
    if (failed(results).length > 0) process.exitCode = 1;
    return;
  }
  const model = chooseLanguageModel(modelName, process.env);
  if (model === undefined) return refuse(noModelAsked);
  const results = await withLifetime(async (lifetime) =>
    converseAll(await openWorld(lifetime), chosen, model, modelName),
  );
  process.stdout.write(toModelReport(results));
  if (failed(results).length > 0) process.exitCode = 1;
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

await main();
