import type { ReadResourceResult, Resource, ResourceTemplateType } from "@modelcontextprotocol/server";
import { png } from "./fixture-media.ts";

export const fixtureResources: Resource[] = [
  { uri: "test://static-text", name: "text", description: "Text.", mimeType: "text/plain" },
  { uri: "test://static-binary", name: "binary", description: "An image.", mimeType: "image/png" },
];

export const fixtureTemplates: ResourceTemplateType[] = [
  {
    uriTemplate: "test://template/{id}/data",
    name: "template",
    description: "Data of one id.",
    mimeType: "application/json",
  },
];

const templated = /^test:\/\/template\/([^/]+)\/data$/;

/** @returns undefined where there is no such resource. */
export function readFixture(uri: string): ReadResourceResult | undefined {
  if (uri === "test://static-text") {
    const text = "This is the content of the static text resource.";
    return { contents: [{ uri, mimeType: "text/plain", text }] };
  }
  if (uri === "test://static-binary") return { contents: [{ uri, mimeType: "image/png", blob: png }] };
  const id = templated.exec(uri)?.[1];
  if (id === undefined) return undefined;
  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { contents: [{ uri, mimeType: "application/json", text }] };
}
