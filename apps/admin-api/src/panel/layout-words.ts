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
  signedInAgain: "Entraste de nuevo. Lo que escribiste sigue aquí: repite lo que hiciste.",
  unanswered: "No llegó respuesta. Lo que escribiste sigue aquí: prueba de nuevo en un momento.",
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
  signedInAgain: "You have signed in again. What you typed is still here: repeat what you did.",
  unanswered: "No answer came. What you typed is still here: try again in a moment.",
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
  signedInAgain: "Você entrou de novo. O que você escreveu continua aqui: repita o que fez.",
  unanswered: "Não chegou resposta. O que você escreveu continua aqui: tente de novo em instantes.",
  ownBusiness: "Meu negócio",
};

export const layoutWords: InAllLanguages<typeof es> = { es, en, pt };
