import type { Test } from "tap";

export type RecordedAnswer = {
  readonly method: string;
  readonly url: URL;
  readonly status: number;
  /** Headers and body, as they came. */
  readonly text: string;
};

/** Every answer that any client of this test gets by `fetch`, until the test ends. */
export function recordAnswers(t: Test): readonly RecordedAnswer[] {
  const answers: RecordedAnswer[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    const body = await response.clone().text();
    const url = new URL(input instanceof Request ? input.url : input);
    const method = init?.method ?? "GET";
    answers.push({ method, url, status: response.status, text: `${headers}\n\n${body}` });
    return response;
  };
  t.teardown(() => {
    globalThis.fetch = fetch;
  });
  return answers;
}
