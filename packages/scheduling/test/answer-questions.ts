import { text } from "node:stream/consumers";
import { answer } from "./answers.ts";
import type { Question } from "./question.ts";

/** Run with `TZ` set: reads questions as JSON and writes what a server in that zone answers. */
const questions: Question[] = JSON.parse(await text(process.stdin));
const serverOffset = new Date(questions[0]?.now ?? 0).getTimezoneOffset();
process.stdout.write(JSON.stringify({ serverOffset, answers: questions.map(answer) }));
