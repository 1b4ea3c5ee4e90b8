import type { InAllLanguages } from "./language.ts";

const es = {
  skip: "Ir al contenido",
  menu: "Menú",
  overview: "Resumen",
  customers: "Clientes",
  activity: "Actividad",
  people: "Personas",
  account: "Mi cuenta",
  signOut: "Salir",
  ownBusiness: "Mi negocio",
  csrfProblem: "La página caducó. Vuelve a cargarla y repite lo que hiciste.",
};

const en: typeof es = {
  skip: "Skip to content",
  menu: "Menu",
  overview: "Overview",
  customers: "Customers",
  activity: "Activity",
  people: "People",
  account: "My account",
  signOut: "Sign out",
  ownBusiness: "My business",
  csrfProblem: "The page has expired. Load it again and repeat what you did.",
};

const pt: typeof es = {
  skip: "Ir para o conteúdo",
  menu: "Menu",
  overview: "Resumo",
  customers: "Clientes",
  activity: "Atividade",
  people: "Pessoas",
  account: "Minha conta",
  signOut: "Sair",
  ownBusiness: "Meu negócio",
  csrfProblem: "A página expirou. Carregue-a de novo e repita o que fez.",
};

export const layoutWords: InAllLanguages<typeof es> = { es, en, pt };
