import { classifyAnswer } from "../../google/classify-answer.ts";
import { readPath } from "../json-path.ts";
import { type AccountAnswer, type AccountDialect, byStatus } from "./verdict.ts";

/** Google's words for failures of its other APIs are the calendar's. */
export const google: AccountDialect = (answer, request) => {
  if (request !== "call") return classifyAnswer(answer, request);
  // An answer with nothing in it is the calendar's after a removal: nothing that is asked here is answered so.
  if (answer.status === 401 || answer.status < 300) return byStatus(answer, request);
  const found = classifyAnswer(withReasons(answer), request);
  return found.kind === "transient" && answer.status === 403 ? byStatus(answer, request) : found;
};

/** Newer APIs, such as Google Ads, have the reason in `details`, and no `errors`. https://google.aip.dev/193 */
function withReasons({ status, body }: AccountAnswer): AccountAnswer {
  const details = readPath(body, "error.details");
  if (!Array.isArray(details) || readPath(body, "error.errors") !== undefined) return { status, body };
  const reason = details.map((one) => readPath(one, "reason")).find((one) => typeof one === "string");
  return { status, body: { error: { errors: [{ reason }] } } };
}
