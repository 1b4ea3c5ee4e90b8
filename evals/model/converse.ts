import type { World } from "../../test/support/world.ts";
import type { Conversation, Evals, ExternalChange } from "../conversation.ts";
import { type Environment, openEnvironment, type Scenario } from "../environment.ts";
import { findDifferences } from "../expected-bookings.ts";
import type { Outcome } from "../outcome.ts";
import type { TrialResult } from "../replay.ts";
import { startTrial, type Trial } from "../trial.ts";
import type { LanguageModel, ModelCall, ToolAnswer, ToolDescription, Turn } from "./language-model.ts";

/** A model that needs more repeats itself. */
const maxModelTurns = 20;
/** How often the person agrees once everything is said and the expected bookings aren't there. */
const maxInsistences = 2;

const agreement = { es: "Sí, por favor.", en: "Yes, please.", pt: "Sim, por favor." };

/** Each conversation with the model, in turn. @param modelName as the report calls it. */
export async function converseAll(
  world: World,
  { businesses, conversations }: Evals,
  model: LanguageModel,
  modelName: string,
): Promise<TrialResult[]> {
  const environment = await openEnvironment(world, businesses);
  try {
    const results: TrialResult[] = [];
    for (const conversation of conversations) {
      results.push(await converse(environment, conversation, model, modelName));
    }
    return results;
  } finally {
    await environment.close();
  }
}

async function converse(
  environment: Environment,
  conversation: Conversation,
  model: LanguageModel,
  modelName: string,
): Promise<TrialResult> {
  const trial = await startTrial(await environment.prepare(conversation));
  try {
    await takeTurns(trial, model);
  } catch (error) {
    trial.problems.push(`it broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  const differences = findDifferences(await trial.scenario.takeSnapshot(), conversation.leaves);
  const problems = [...trial.problems, ...differences];
  return { conversation, agent: modelName, problems, calls: trial.calls, outcomes: [] };
}

async function takeTurns(trial: Trial, model: LanguageModel): Promise<void> {
  const { conversation, client } = trial.scenario;
  const { tools } = (await client.listTools()) as { tools: readonly ToolDescription[] };
  const system = systemPrompt(client.getInstructions() ?? "", trial.scenario);
  const insistences = Array<string>(maxInsistences).fill(agreement[conversation.language]);
  const unsaid = [...conversation.says, ...insistences];
  const pending = planChanges(conversation);
  const turns: Turn[] = [{ by: "person", text: unsaid.shift() ?? "" }];

  for (let count = 0; count < maxModelTurns; count++) {
    const turn = await model.generate({ system, tools, turns });
    turns.push(turn);
    if (turn.calls.length > 0) {
      turns.push({ by: "tools", answers: await makeCalls(turn.calls, trial, pending) });
      continue;
    }
    const allSaid = unsaid.length <= maxInsistences;
    if (allSaid && findDifferences(trial.latest(), conversation.leaves).length === 0) return;
    const text = unsaid.shift();
    if (text === undefined) return;
    turns.push({ by: "person", text });
  }
  trial.problems.push(`it didn't come to an end in ${maxModelTurns} turns`);
}

function systemPrompt(instructions: string, { conversation, business }: Scenario): string {
  const { now } = conversation;
  const today = Temporal.Instant.from(now).toZonedDateTimeISO(business.time_zone).toPlainDate();
  return [
    `You serve the customers of ${business.name} on WhatsApp. Answer briefly, in the person's language.`,
    instructions,
    `Today is ${today.toLocaleString("en", { weekday: "long" })} ${today}.`,
  ].join("\n\n");
}

type PendingChanges = { readonly tool: string; readonly changes: readonly ExternalChange[] };

/** By tool and not by number, since a model may make more calls than the script, or others. */
function planChanges({ calls }: Conversation): PendingChanges[] {
  return calls.flatMap(({ tool, meanwhile }) => (meanwhile.length > 0 ? [{ tool, changes: meanwhile }] : []));
}

/** Makes the calls in turn, as most hosts do. */
async function makeCalls(
  calls: readonly ModelCall[],
  trial: Trial,
  pending: PendingChanges[],
): Promise<ToolAnswer[]> {
  const answers: ToolAnswer[] = [];
  for (const { id, tool, args } of calls) {
    if (pending[0]?.tool === tool) await trial.applyChanges(pending.shift()?.changes ?? []);
    const answer = await trial.call({ tool, args }).then(toAnswer, toProtocolError);
    answers.push({ id, ...answer });
  }
  return answers;
}

function toAnswer({ answer, error }: Outcome): Omit<ToolAnswer, "id"> {
  return { text: JSON.stringify(error === undefined ? answer : { error }), isError: error !== undefined };
}

/** The client throws a JSON-RPC error, for instance where there is no such tool. */
function toProtocolError(error: unknown): Omit<ToolAnswer, "id"> {
  return { text: error instanceof Error ? error.message : String(error), isError: true };
}
