import type { CalendarStateName, CustomerState } from "../../customer-states/fold-event.ts";
import type { InAllLanguages } from "../language.ts";
import type { Tone } from "./notes.ts";

type Status = CustomerState["status"];

/** What a state is called, and what it means for whoever looks after the customer. */
type StateWords = {
  readonly statuses: Readonly<Record<Status, string>>;
  readonly calendarStates: Readonly<Record<CalendarStateName, string>>;
  /** What is wrong, in a sentence; empty where nothing is. */
  readonly wrong: Readonly<Record<Problem, string>>;
  /** What the button that mends it says. */
  readonly mend: Readonly<Record<Problem, string>>;
};

/** What somebody has to look after. */
export type Problem = Exclude<Status, "connected"> | Exclude<CalendarStateName, "ok" | "unknown">;

export const statusTones: Readonly<Record<Status, Tone>> = {
  pending: "wait",
  connected: "good",
  reconnect_required: "bad",
  disconnected: "calm",
};

export const calendarTones: Readonly<Record<CalendarStateName, Tone>> = {
  ok: "good",
  unreadable: "bad",
  refused: "bad",
  not_found: "bad",
  unreachable: "wait",
  unknown: "calm",
};

/** @returns undefined where all is well. */
export function findProblem(state: {
  readonly status: Status;
  readonly calendarState: CalendarStateName | null;
}): Problem | undefined {
  if (state.status !== "connected") return state.status;
  const { calendarState } = state;
  return calendarState === null || calendarState === "ok" || calendarState === "unknown"
    ? undefined
    : calendarState;
}

const es: StateWords = {
  statuses: {
    pending: "Esperando permiso",
    connected: "Conectado",
    reconnect_required: "Hay que reconectar",
    disconnected: "Desconectado",
  },
  calendarStates: {
    ok: "Responde",
    unreadable: "No se puede leer",
    refused: "Rechaza el acceso",
    not_found: "No se encuentra",
    unreachable: "No responde",
    unknown: "Sin leer todavía",
  },
  wrong: {
    pending: "El negocio todavía no abrió su enlace o no dio permiso.",
    reconnect_required: "El permiso se perdió: nadie puede reservar hasta que el negocio lo dé de nuevo.",
    disconnected: "No hay ningún calendario conectado.",
    unreadable: "Hay permiso, pero el calendario no se puede leer.",
    refused: "El proveedor rechaza el acceso a este calendario.",
    not_found: "El calendario elegido ya no existe en la cuenta.",
    unreachable: "El proveedor no responde desde hace un rato. Lo seguimos intentando.",
  },
  mend: {
    pending: "Enviar enlace",
    reconnect_required: "Reconectar",
    disconnected: "Conectar",
    unreadable: "Ver el motivo",
    refused: "Ver el motivo",
    not_found: "Ver el motivo",
    unreachable: "Ver el motivo",
  },
};

const en: StateWords = {
  statuses: {
    pending: "Waiting for consent",
    connected: "Connected",
    reconnect_required: "Needs reconnecting",
    disconnected: "Disconnected",
  },
  calendarStates: {
    ok: "Answers",
    unreadable: "Can’t be read",
    refused: "Refuses access",
    not_found: "Not found",
    unreachable: "Doesn’t answer",
    unknown: "Not read yet",
  },
  wrong: {
    pending: "The business hasn’t opened its link yet, or hasn’t consented.",
    reconnect_required: "The permission was lost: nobody can book until the business gives it again.",
    disconnected: "No calendar is connected.",
    unreadable: "There is permission, but the calendar can’t be read.",
    refused: "The provider refuses access to this calendar.",
    not_found: "The chosen calendar isn’t in the account any more.",
    unreachable: "The provider hasn’t answered for a while. We keep trying.",
  },
  mend: {
    pending: "Send the link",
    reconnect_required: "Reconnect",
    disconnected: "Connect",
    unreadable: "See why",
    refused: "See why",
    not_found: "See why",
    unreachable: "See why",
  },
};

const pt: StateWords = {
  statuses: {
    pending: "Aguardando permissão",
    connected: "Conectado",
    reconnect_required: "Precisa reconectar",
    disconnected: "Desconectado",
  },
  calendarStates: {
    ok: "Responde",
    unreadable: "Não pode ser lido",
    refused: "Recusa o acesso",
    not_found: "Não encontrado",
    unreachable: "Não responde",
    unknown: "Ainda não lido",
  },
  wrong: {
    pending: "O negócio ainda não abriu o link ou não deu permissão.",
    reconnect_required: "A permissão se perdeu: ninguém pode agendar até que o negócio a dê de novo.",
    disconnected: "Nenhum calendário está conectado.",
    unreadable: "Há permissão, mas o calendário não pode ser lido.",
    refused: "O provedor recusa o acesso a este calendário.",
    not_found: "O calendário escolhido não existe mais na conta.",
    unreachable: "O provedor não responde há algum tempo. Continuamos tentando.",
  },
  mend: {
    pending: "Enviar link",
    reconnect_required: "Reconectar",
    disconnected: "Conectar",
    unreadable: "Ver o motivo",
    refused: "Ver o motivo",
    not_found: "Ver o motivo",
    unreachable: "Ver o motivo",
  },
};

export const stateWords: InAllLanguages<StateWords> = { es, en, pt };
