import type { Wording } from "./wording-en.ts";

export const portuguese: Wording = {
  connectTitle: (business) => `Conecte a agenda de ${business}`,
  connectTitleNameless: "Conecte a sua agenda",
  asks: (operator) => `${operator} pede que você conecte a sua agenda.`,
  cardTitle: (operator, business) =>
    `${operator} pede para conectar ${business === null ? "a sua agenda" : `a agenda de ${business}`}`,
  cardText: "Para que horários possam ser marcados por mensagem quando você estiver livre. Leva um minuto.",
  willDo: "O que isso permite:",
  willDoList: [
    "Ver quando você está ocupado (nunca os títulos nem os convidados dos seus eventos)",
    "Adicionar, mover e cancelar os horários marcados por aqui",
  ],
  yourAddress: "o seu endereço",
  chooseProvider: "Que agenda o seu negócio usa?",
  inAppTitle: "Abra esta página no seu navegador",
  tryAgain: "Tentar de novo",
  linkUsed: (account, provider) => ({
    title: "Este link já foi usado",
    text: `Com ele foi conectada ${account === null ? `uma agenda em ${provider}` : `a agenda de ${account} (${provider})`}, e agora nada mais foi conectado. Se é a certa, não falta nada. Senão, peça um novo link a quem o enviou.`,
  }),
  results: {
    connected: {
      title: "Sua agenda está conectada",
      text: "É só isso: já é possível marcar horários com você. Pode fechar esta página.",
    },
    calendar_unusable: {
      title: "Sua agenda ainda não pode ser usada",
      text: "Você deu a permissão, mas não foi possível ler a agenda. Não precisa dar de novo: avise quem enviou o link, que pode ver o motivo.",
    },
    link_unknown: {
      title: "Este link não funciona",
      text: "Verifique se abriu o link completo da mensagem, ou peça um novo a quem o enviou.",
    },
    link_expired: { title: "Este link expirou", text: "Peça um novo a quem o enviou." },
    link_revoked: {
      title: "Este link foi substituído",
      text: "Use o link mais recente que recebeu, ou peça um novo.",
    },
    link_used: {
      title: "Este link já foi usado",
      text: "Se a sua agenda está conectada, não falta nada. Senão, peça um novo a quem o enviou.",
    },
    access_denied: {
      title: "Nada foi conectado",
      text: "Você escolheu não permitir. Se foi engano, tente de novo.",
    },
    wrong_provider: {
      title: "Essa resposta veio de outro lugar",
      text: "Não é do provedor para onde você foi. Nada foi conectado. Abra de novo o link da mensagem.",
    },
    state_invalid: {
      title: "Comece de novo",
      text: "Esta página foi aberta em outro navegador, duas vezes ou tarde demais. Abra de novo o link da mensagem.",
    },
    server_error: {
      title: "Algo falhou do nosso lado",
      text: "Nada foi conectado. Tente de novo em alguns minutos.",
    },
    too_many_visits: {
      title: "Espere um minuto",
      text: "Esta página foi aberta vezes demais em pouco tempo. Espere um minuto e carregue-a de novo: nada se perde.",
    },
  },
};
