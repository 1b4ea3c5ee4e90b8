import { randomBytes } from "node:crypto";
import {
  acceptedContent,
  createRequestStateCodec,
  type InputRequest,
  inputRequired,
  inputResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { declaredBy, type FixtureTool, say } from "./fixture-tools.ts";

/** Signs what travels through the client between two rounds of one call. */
export const requestState = createRequestStateCodec({ key: randomBytes(32) });

const name = z.object({ name: z.string() });
const color = z.object({ color: z.string() });
const ok = z.object({ ok: z.boolean() });

const askName = (message: string) => inputRequired.elicit({ message, requestedSchema: name });
const askConfirmation = () => inputRequired.elicit({ message: "Please confirm", requestedSchema: ok });
const askModel = (text: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text } }],
    maxTokens,
  });

/** Calls of 2026-07-28 that need more than one round. */
export const fixtureRounds: Readonly<Record<string, FixtureTool>> = {
  test_input_required_result_elicitation: {
    description: "Asks for a name.",
    async call({ mcpReq }) {
      const given = acceptedContent(mcpReq.inputResponses, "user_name", name);
      if (given !== undefined) return say(`Hello, ${given.name}!`);
      return inputRequired({ inputRequests: { user_name: askName("What is your name?") } });
    },
  },
  test_input_required_result_sampling: {
    description: "Asks the client's model.",
    async call({ mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "capital_question");
      if (answer.kind === "sampling") return say(JSON.stringify(answer.result.content));
      return inputRequired({
        inputRequests: { capital_question: askModel("What is the capital of France?", 100) },
      });
    },
  },
  test_input_required_result_list_roots: {
    description: "Asks for the client's roots.",
    async call({ mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "client_roots");
      if (answer.kind === "roots") return say(answer.roots.map(({ uri }) => uri).join());
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  test_input_required_result_request_state: { description: "Carries state.", call: confirmWithState },
  test_input_required_result_tampered_state: { description: "Carries state.", call: confirmWithState },
  test_input_required_result_multiple_inputs: {
    description: "Asks for three things at once.",
    async call({ mcpReq }) {
      const { inputResponses } = mcpReq;
      const given = acceptedContent(inputResponses, "user_name", name);
      const greeting = inputResponse(inputResponses, "greeting");
      const roots = inputResponse(inputResponses, "client_roots");
      if (given !== undefined && greeting.kind === "sampling" && roots.kind === "roots") {
        return say(`${given.name} has ${roots.roots.length} roots.`);
      }
      return inputRequired({
        inputRequests: {
          user_name: askName("What is your name?"),
          greeting: askModel("Generate a greeting", 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await requestState.mint("asked"),
      });
    },
  },
  test_input_required_result_multi_round: { description: "Asks twice.", call: askTwice },
  test_input_required_result_capabilities: {
    description: "Asks only for what the client can give.",
    async call({ mcpReq }) {
      const declared = declaredBy(mcpReq);
      const inputRequests: Record<string, InputRequest> = {};
      if (declared.sampling !== undefined) inputRequests.sampled = askModel("Say something", 50);
      if (declared.elicitation !== undefined) inputRequests.elicited = askName("What is your name?");
      return inputRequired({ inputRequests });
    },
  },
  test_streaming_elicitation: {
    description: "Asks in the stream of its answer.",
    call: async () => inputRequired({ inputRequests: { user_name: askName("What is your name?") } }),
  },
};

async function confirmWithState({ mcpReq }: ServerContext) {
  const confirmed = acceptedContent(mcpReq.inputResponses, "confirm", ok);
  if (confirmed !== undefined && mcpReq.requestState<string>() === "asked") return say("state-ok");
  return inputRequired({
    inputRequests: { confirm: askConfirmation() },
    requestState: await requestState.mint("asked"),
  });
}

async function askTwice({ mcpReq }: ServerContext) {
  const state = mcpReq.requestState<string>();
  const second = acceptedContent(mcpReq.inputResponses, "step2", color);
  if (state === "round 2" && second !== undefined) return say(`You like ${second.color}.`);
  const first = acceptedContent(mcpReq.inputResponses, "step1", name);
  if (state === "round 1" && first !== undefined) {
    return inputRequired({
      inputRequests: {
        step2: inputRequired.elicit({
          message: "Step 2: What is your favorite color?",
          requestedSchema: color,
        }),
      },
      requestState: await requestState.mint("round 2"),
    });
  }
  return inputRequired({
    inputRequests: { step1: askName("Step 1: What is your name?") },
    requestState: await requestState.mint("round 1"),
  });
}
