import type { InAllLanguages } from "../language.ts";
import type { CustomerTab } from "./customer-frame.ts";

type Words = {
  readonly tabsLabel: string;
  readonly tabs: Readonly<Record<CustomerTab, string>>;
  /** What mends a calendar that is connected and can't be used. */
  readonly connectAgain: string;
  readonly chooseCalendars: string;
};

const es: Words = {
  tabsLabel: "Secciones del cliente",
  tabs: {
    facts: "Datos",
    schedule: "Horario",
    bookings: "Citas",
    week: "Semana",
    agents: "Agentes",
    integrations: "Conexiones",
    try: "Probar",
    activity: "Actividad",
  },
  connectAgain: "Conectar de nuevo",
  chooseCalendars: "Revisar los calendarios",
};

const en: Words = {
  tabsLabel: "Sections of the customer",
  tabs: {
    facts: "Facts",
    schedule: "Schedule",
    bookings: "Bookings",
    week: "Week",
    agents: "Agents",
    integrations: "Connections",
    try: "Try it",
    activity: "Activity",
  },
  connectAgain: "Connect again",
  chooseCalendars: "Check the calendars",
};

const pt: Words = {
  tabsLabel: "Seções do cliente",
  tabs: {
    facts: "Dados",
    schedule: "Horário",
    bookings: "Agendamentos",
    week: "Semana",
    agents: "Agentes",
    integrations: "Conexões",
    try: "Testar",
    activity: "Atividade",
  },
  connectAgain: "Conectar de novo",
  chooseCalendars: "Revisar os calendários",
};

export const customerFrameWords: InAllLanguages<Words> = { es, en, pt };
