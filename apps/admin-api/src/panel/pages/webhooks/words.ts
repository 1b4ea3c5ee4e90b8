import type { DeliveryStatus } from "@cita/integrations-api";
import type { InAllLanguages } from "../../language.ts";
import type { WebhookState } from "./states.ts";
import { en } from "./words-en.ts";
import { es } from "./words-es.ts";
import { pt } from "./words-pt.ts";

/** What the pages of webhooks say. */
export type Words = {
  readonly title: string;
  readonly intro: string;
  /** On the page of connected accounts. */
  readonly link: { readonly title: string; readonly text: string; readonly open: string };
  readonly back: string;
  readonly backToList: string;
  readonly backToOne: string;
  readonly none: { readonly title: string; readonly text: string; readonly readOnly: string };
  readonly tableLabel: string;
  readonly receiver: string;
  readonly events: string;
  readonly state: string;
  readonly lastDelivery: string;
  readonly never: string;
  readonly more: string;
  readonly states: Readonly<Record<WebhookState, string>>;
  readonly failingSince: (time: string) => string;
  readonly disabled: string;
  readonly create: string;
  readonly createHint: string;
  readonly url: string;
  readonly urlHint: string;
  readonly all: string;
  readonly allHint: string;
  /** All events of a group. */
  readonly allOf: (group: string) => string;
  readonly groups: Readonly<Record<string, string>>;
  /** By the names of the catalogue: when it is told. */
  readonly eventTexts: Readonly<Record<string, string>>;
  readonly problems: {
    readonly url: string;
    readonly events: string;
    readonly tooMany: string;
    readonly inactive: string;
    readonly since: string;
  };
  readonly created: string;
  readonly rotated: string;
  readonly secretText: string;
  readonly secret: string;
  readonly createdAt: string;
  readonly previousSecretUntil: string;
  readonly saved: string;
  readonly deleted: string;
  readonly test: string;
  readonly testHint: string;
  readonly pause: string;
  readonly resume: string;
  readonly change: string;
  readonly save: string;
  readonly rotate: string;
  readonly rotateText: string;
  readonly rotateConfirm: string;
  readonly delete: string;
  readonly deleteText: string;
  readonly deleteConfirm: string;
  readonly deliveries: string;
  readonly noDeliveries: string;
  readonly event: string;
  readonly when: string;
  readonly attempts: string;
  readonly nextAttempt: string;
  readonly older: string;
  readonly newest: string;
  readonly statuses: Readonly<Record<DeliveryStatus, string>>;
  readonly replayMany: string;
  readonly replayText: string;
  readonly since: string;
  readonly sinceHint: (timeZone: string) => string;
  readonly replay: string;
  readonly replayed: (count: number) => string;
  readonly delivery: string;
  readonly deliveredAt: string;
  readonly messageId: string;
  readonly sentBody: string;
  readonly answer: string;
  readonly answerStatus: string;
  readonly noAnswer: string;
  readonly emptyAnswer: string;
  readonly error: string;
  /** Why an answer doesn't count as delivered, by its status. */
  readonly refusals: {
    readonly gone: string;
    readonly redirect: (status: number) => string;
    readonly other: (status: number) => string;
  };
  readonly underWay: string;
  readonly reload: string;
  readonly verify: string;
  readonly verifyText: string;
};

export const webhooksWords: InAllLanguages<Words> = { es, en, pt };
