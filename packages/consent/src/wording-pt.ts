import type { Wording } from "./wording-en.ts";

export const portuguese: Wording = {
  connectTitle: (business) => `Conecte a agenda de ${business}`,
  connectTitleNameless: "Conecte a sua agenda",
  connectText:
    "Assim seus horários poderão ser marcados por mensagem, na sua própria Google Agenda, quando você estiver livre.",
  willDo: "O que isso permite:",
  willDoList: [
    "Ver quando você está ocupado (nunca os títulos nem os convidados dos seus eventos)",
    "Adicionar, mover e cancelar os horários marcados por aqui",
  ],
  account: (email) =>
    `Na próxima página escolha a conta do Google ${email} e deixe marcada a caixa da agenda.`,
  accountAny: "Na próxima página escolha a conta do seu negócio e deixe marcada a caixa da agenda.",
  continueButton: "Continuar com o Google",
  blockedHint: (email) =>
    `Se o Google disser «Acesso bloqueado», peça a quem enviou o link que adicione ${email} aos usuários de teste.`,
  yourAddress: "o seu endereço",
  stopAnyTime: "Você pode encerrar quando quiser em myaccount.google.com/permissions.",
  inAppTitle: "Abra esta página no seu navegador",
  inAppText:
    "O Google não permite entrar dentro deste aplicativo. Abra o menu (os três pontos ou o ícone de compartilhar) e escolha Abrir no navegador, Chrome ou Safari. Ou copie o link da mensagem e cole no navegador.",
  tryAgain: "Tentar de novo",
  results: {
    connected: {
      title: "Sua agenda está conectada",
      text: "É só isso: já é possível marcar horários com você. Pode fechar esta página.",
    },
    calendar_missing: {
      title: "Esta conta ainda não tem agenda",
      text: "Você deu a permissão, mas esta conta do Google não usa o Google Agenda. Abra calendar.google.com uma vez com ela: não falta mais nada, e alguns minutos depois já será possível marcar horários. Se queria usar outra conta, peça um novo link a quem o enviou.",
    },
    calendar_blocked: {
      title: "Sua organização não permite",
      text: "Você deu a permissão, mas o administrador do seu Google Workspace não deixa aplicativos usarem a agenda. Peça que ele permita este aplicativo, ou peça um novo link a quem o enviou e escolha outra conta.",
    },
    calendar_not_set_up: {
      title: "Falta algo do nosso lado",
      text: "Você deu a permissão, mas a API do Google Agenda não está ativada no nosso projeto do Google Cloud. Você não precisa fazer nada: avise quem enviou o link, que precisa ativá-la.",
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
    scope_missing: {
      title: "A caixa da agenda não estava marcada",
      text: "Sem ela não dá para ver seus horários livres, então nada foi conectado. Tente de novo e deixe marcada a caixa da agenda.",
    },
    no_refresh_token: {
      title: "O Google não deu uma permissão duradoura",
      text: "Nada foi conectado. Tente de novo.",
    },
    exchange_failed: {
      title: "O Google não confirmou",
      text: "Nada foi conectado. Tente de novo. Se acontecer outra vez, avise quem enviou o link.",
    },
    client_refused: {
      title: "O Google não aceita o cliente deste programa",
      text: "Nada foi conectado. O ID ou a chave secreta do cliente na configuração está incorreta: confira GOOGLE_CLIENT_ID e GOOGLE_CLIENT_SECRET e inicie o programa de novo.",
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
  wrongAccount: (chosen, expected) => ({
    title: "Essa era outra conta do Google",
    text: `Você escolheu ${chosen}, mas este link é para ${expected}. Nada foi conectado. Tente de novo e escolha ${expected}, ou peça a quem enviou o link que mude o endereço.`,
  }),
  readdressedAccount: (address) => ({
    title: "Essa era outra conta do Google",
    text: `${address} agora pertence a outra conta do Google, diferente da que estava conectada. Nada foi conectado. Se você ainda tem aquela, tente de novo e escolha-a; senão, avise quem enviou o link.`,
  }),
};
