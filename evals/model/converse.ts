import type { Outcome } from "../answer-path.ts";
import type { Conversation, Meanwhile } from "../conversation.ts";
import { findDifferences, type Played } from "../play.ts";
import type { Scene, Stage } from "../scene.ts";
import { startTalk, type Talk } from "../talk.ts";
import type { ModelCall, Provider, ToolAnswer, ToolDescription, Turn } from "./provider.ts";

/** One that isn't done by then goes round in circles. */
const mostModelTurns = 20;
/** How often the person insists when everything was said and what they want isn't done. */
const mostInsistences = 2;

const yes = { es: "Sí, por favor.", en: "Yes, please.", pt: "Sim, por favor." };

/** Lets a model talk with the person of a conversation, and looks at what it leaves. */
export async function converse(
  stage: Stage,
  conversation: Conversation,
  provider: Provider,
  name: string,
): Promise<Played> {
  const scene = await stage.put(conversation);
  const talk = await startTalk(scene);
  try {
    await holdConversation(scene, talk, provider);
  } catch (error) {
    talk.problems.push(`it broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problems = [...talk.problems, ...findDifferences(await scene.look(), conversation.leaves)];
  return { conversation, agent: name, problems, calls: talk.calls, outcomes: [] };
}

async function holdConversation(scene: Scene, talk: Talk, provider: Provider): Promise<void> {
  const { conversation, client } = scene;
  const { tools } = (await client.listTools()) as { tools: readonly ToolDescription[] };
  const system = systemPrompt(client.getInstructions() ?? "", scene);
  const insistences = Array<string>(mostInsistences).fill(yes[conversation.language]);
  const unsaid = [...conversation.says, ...insistences];
  const due = planEvents(conversation);
  const turns: Turn[] = [{ by: "person", text: unsaid.shift() ?? "" }];

  for (let count = 0; count < mostModelTurns; count++) {
    const turn = await provider.next({ system, tools, turns });
    turns.push(turn);
    if (turn.calls.length > 0) {
      turns.push({ by: "tools", answers: await makeCalls(turn.calls, talk, due) });
      continue;
    }
    const allSaid = unsaid.length <= mostInsistences;
    if (allSaid && findDifferences(talk.latest(), conversation.leaves).length === 0) return;
    const text = unsaid.shift();
    if (text === undefined) return;
    turns.push({ by: "person", text });
  }
  talk.problems.push(`it didn't come to an end in ${mostModelTurns} turns`);
}

function systemPrompt(instructions: string, { conversation, business }: Scene): string {
  const { now } = conversation;
  const today = Temporal.Instant.from(now).toZonedDateTimeISO(business.time_zone).toPlainDate();
  return [
    `You serve the customers of ${business.name} on WhatsApp. Answer briefly, in the person's language.`,
    instructions,
    `Today is ${today.toLocaleString("en", { weekday: "long" })} ${today}.`,
  ].join("\n\n");
}

type PlannedEvent = { readonly tool: string; readonly events: readonly Meanwhile[] };

/** What happens before which call: a model that calls more, or in another order, meets it at the same tool. */
function planEvents({ calls }: Conversation): PlannedEvent[] {
  return calls.flatMap(({ tool, meanwhile }) => (meanwhile.length > 0 ? [{ tool, events: meanwhile }] : []));
}

/** One after another, as most hosts do. */
async function makeCalls(
  calls: readonly ModelCall[],
  talk: Talk,
  due: PlannedEvent[],
): Promise<ToolAnswer[]> {
  const answers: ToolAnswer[] = [];
  for (const { id, tool, args } of calls) {
    if (due[0]?.tool === tool) await talk.happen(due.shift()?.events ?? []);
    const answer = await talk.call({ tool, args }).then(toAnswer, toRefusal);
    answers.push({ id, ...answer });
  }
  return answers;
}

function toAnswer({ answer, error }: Outcome): Omit<ToolAnswer, "id"> {
  return { text: JSON.stringify(error === undefined ? answer : { error }), isError: error !== undefined };
}

/** A tool that doesn't exist is refused by the protocol. */
function toRefusal(error: unknown): Omit<ToolAnswer, "id"> {
  return { text: error instanceof Error ? error.message : String(error), isError: true };
}
