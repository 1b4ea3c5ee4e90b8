import type { InAllLanguages } from "./language.ts";

const es = {
  skip: "Ir al contenido",
  menu: "Menú",
  overview: "Resumen",
  customers: "Clientes",
  integrations: "Conexiones",
  activity: "Actividad",
  people: "Personas",
  account: "Mi cuenta",
  signOut: "Salir",
  sessionEnded: "Tu sesión terminó. Lo que escribiste sigue aquí.",
  signIn: "Entrar en otra pestaña",
  ownBusiness: "Mi negocio",
};

const en: typeof es = {
  skip: "Skip to content",
  menu: "Menu",
  overview: "Overview",
  customers: "Customers",
  integrations: "Connections",
  activity: "Activity",
  people: "People",
  account: "My account",
  signOut: "Sign out",
  sessionEnded: "Your session has ended. What you typed is still here.",
  signIn: "Sign in in another tab",
  ownBusiness: "My business",
};

const pt: typeof es = {
  skip: "Ir para o conteúdo",
  menu: "Menu",
  overview: "Resumo",
  customers: "Clientes",
  integrations: "Conexões",
  activity: "Atividade",
  people: "Pessoas",
  account: "Minha conta",
  signOut: "Sair",
  sessionEnded: "Sua sessão terminou. O que você escreveu continua aqui.",
  signIn: "Entrar em outra aba",
  ownBusiness: "Meu negócio",
};

export const layoutWords: InAllLanguages<typeof es> = { es, en, pt };
