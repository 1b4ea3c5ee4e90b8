import type { InAllLanguages } from "../../language.ts";

const es = {
  notFoundTitle: "Esto no está",
  notFoundText: "La página no existe, o no es de un negocio tuyo.",
  forbiddenTitle: "Tu rol no lo permite",
  forbiddenText: "Pide a un administrador que lo haga, o que cambie tu rol.",
  crossSiteTitle: "La página caducó",
  crossSiteText: "Vuelve atrás, cárgala de nuevo y repite lo que hiciste. No se cambió nada.",
  calendarTitle: "El servicio de calendarios no responde",
  calendarText: "El panel sigue funcionando; lo que viene de los calendarios vuelve en cuanto responda.",
  integrationsTitle: "El servicio de integraciones no responde",
  integrationsText: "El panel sigue funcionando; las conexiones vuelven en cuanto responda.",
  mayBeDoneTitle: "No se sabe si se hizo",
  mayBeDoneText:
    "El servicio que tenía que hacerlo no respondió a tiempo. Mira cómo quedó antes de repetir lo que hiciste.",
  wrongTitle: "Algo falló de nuestro lado",
  wrongText: "Prueba de nuevo en un momento. Si sigue, da este código a quien opera el servicio:",
  invalidTitle: "No se entiende la petición",
  invalidText: "Vuelve atrás y prueba de nuevo.",
  waitTitle: "Espera un momento",
  waitText: "Hubo demasiadas peticiones en poco tiempo.",
  retry: "Probar de nuevo",
  toCustomer: "Ver el negocio",
  home: "Ir al inicio",
};

const en: typeof es = {
  notFoundTitle: "There is nothing here",
  notFoundText: "The page doesn’t exist, or isn’t of a business of yours.",
  forbiddenTitle: "Your role doesn’t allow this",
  forbiddenText: "Ask an administrator to do it, or to change your role.",
  crossSiteTitle: "The page has expired",
  crossSiteText: "Go back, load it again and repeat what you did. Nothing was changed.",
  calendarTitle: "The calendar service doesn’t answer",
  calendarText: "The panel goes on working; what comes from calendars is back as soon as it answers.",
  integrationsTitle: "The integration service doesn’t answer",
  integrationsText: "The panel goes on working; connections are back as soon as it answers.",
  mayBeDoneTitle: "Nobody knows whether it was done",
  mayBeDoneText:
    "The service that was to do it didn’t answer in time. See how it is now before you repeat what you did.",
  wrongTitle: "Something failed on our side",
  wrongText: "Try again in a moment. If it goes on, give this code to whoever runs the service:",
  invalidTitle: "The request isn’t understood",
  invalidText: "Go back and try again.",
  waitTitle: "Wait a moment",
  waitText: "There were too many requests in a short time.",
  retry: "Try again",
  toCustomer: "See the business",
  home: "Go to the start",
};

const pt: typeof es = {
  notFoundTitle: "Não há nada aqui",
  notFoundText: "A página não existe, ou não é de um negócio seu.",
  forbiddenTitle: "Seu papel não permite isso",
  forbiddenText: "Peça a um administrador que o faça, ou que mude seu papel.",
  crossSiteTitle: "A página expirou",
  crossSiteText: "Volte, carregue-a de novo e repita o que fez. Nada foi mudado.",
  calendarTitle: "O serviço de calendários não responde",
  calendarText: "O painel continua funcionando; o que vem dos calendários volta assim que ele responder.",
  integrationsTitle: "O serviço de integrações não responde",
  integrationsText: "O painel continua funcionando; as conexões voltam assim que ele responder.",
  mayBeDoneTitle: "Não se sabe se foi feito",
  mayBeDoneText:
    "O serviço que tinha de fazê-lo não respondeu a tempo. Veja como ficou antes de repetir o que fez.",
  wrongTitle: "Algo falhou do nosso lado",
  wrongText: "Tente de novo em instantes. Se continuar, dê este código a quem opera o serviço:",
  invalidTitle: "O pedido não foi entendido",
  invalidText: "Volte e tente de novo.",
  waitTitle: "Espere um momento",
  waitText: "Houve pedidos demais em pouco tempo.",
  retry: "Tentar de novo",
  toCustomer: "Ver o negócio",
  home: "Ir ao início",
};

export const errorWords: InAllLanguages<typeof es> = { es, en, pt };
