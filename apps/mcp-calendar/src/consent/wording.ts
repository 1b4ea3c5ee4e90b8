/** What the pages say, to a business owner on a phone who knows nothing of OAuth. */
export type Language = "en" | "es" | "pt";

export type Wording = typeof english;

/** A page that ends a visit: what happened, and what to do. */
export type Ending = { readonly title: string; readonly text: string };

const english = {
  connectTitle: (business: string) => `Connect the calendar of ${business}`,
  connectTitleNameless: "Connect your calendar",
  connectText:
    "Your appointments can then be booked by message, into your own Google Calendar, at times when you are free.",
  willDo: "What this allows:",
  willDoList: [
    "See when you are busy (never the titles or guests of your events)",
    "Add, move and cancel the appointments it booked itself",
  ],
  account: (email: string) =>
    `Choose the Google account ${email} on the next page, and leave the calendar box ticked.`,
  accountAny: "Choose the account of your business on the next page, and leave the calendar box ticked.",
  continueButton: "Continue to Google",
  blockedHint: (email: string) =>
    `If Google says "Access blocked", ask whoever sent you this link to add ${email} to the test users.`,
  yourAddress: "your address",
  stopAnyTime: "You can end this at any time at myaccount.google.com/permissions.",
  inAppTitle: "Open this page in your browser",
  inAppText:
    "Google doesn't allow signing in inside this app. Open the menu (three dots, or the share icon) and choose Open in browser, Chrome or Safari. Or copy the link from the message and paste it into your browser.",
  tryAgain: "Try again",
  endings: {
    connected: {
      title: "Your calendar is connected",
      text: "That's all: appointments can now be booked for you. You can close this page.",
    },
    calendar_missing: {
      title: "This account has no calendar yet",
      text: "You gave the permission, but this Google account doesn't use Google Calendar. Open calendar.google.com once with it: nothing else is needed, appointments can be booked a few minutes later. If you meant another account, ask whoever sent you the link for a new one.",
    },
    calendar_blocked: {
      title: "Your organisation doesn't allow it",
      text: "You gave the permission, but the administrator of your Google Workspace doesn't let apps use the calendar. Ask your administrator to allow this app, or ask whoever sent you the link for a new one and choose another account.",
    },
    calendar_not_set_up: {
      title: "Something is missing on our side",
      text: "You gave the permission, but the Google Calendar API isn't switched on in our Google Cloud project. You needn't do anything: tell whoever sent you the link, who has to enable it.",
    },
    calendar_unusable: {
      title: "Your calendar can't be used yet",
      text: "You gave the permission, but the calendar can't be read. You needn't give it again: tell whoever sent you the link, who can see why.",
    },
    link_unknown: {
      title: "This link doesn't work",
      text: "Check that you opened the whole link from the message, or ask whoever sent it for a new one.",
    },
    link_expired: { title: "This link has expired", text: "Ask whoever sent it for a new one." },
    link_revoked: {
      title: "This link was replaced",
      text: "Use the newest link you were sent, or ask for a new one.",
    },
    link_used: {
      title: "This link has already been used",
      text: "If your calendar is connected there is nothing left to do. Otherwise ask whoever sent it for a new one.",
    },
    access_denied: {
      title: "Nothing was connected",
      text: "You chose not to allow it. If that was a mistake, try again.",
    },
    scope_missing: {
      title: "The calendar box was not ticked",
      text: "Without it your free times can't be seen, so nothing was connected. Try again and leave the calendar box ticked.",
    },
    no_refresh_token: {
      title: "Google gave no lasting permission",
      text: "Nothing was connected. Please try again.",
    },
    exchange_failed: {
      title: "Google didn't confirm it",
      text: "Nothing was connected. Please try again. If it happens again, tell whoever sent you the link.",
    },
    client_refused: {
      title: "Google doesn't accept this program's client",
      text: "Nothing was connected. The client ID or the client secret in the configuration is wrong: check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, and start the program again.",
    },
    state_invalid: {
      title: "Please start again",
      text: "This page was opened in another browser than the one you started in, twice, or too late. Open the link from the message again.",
    },
    server_error: {
      title: "Something went wrong on our side",
      text: "Nothing was connected. Please try again in a few minutes.",
    },
    too_many_visits: {
      title: "Please wait a minute",
      text: "This page was opened too often in a short time. Wait a minute and load it again: nothing is lost.",
    },
  },
  wrongAccount: (chosen: string, expected: string): Ending => ({
    title: "That was another Google account",
    text: `You chose ${chosen}, but this link is for ${expected}. Nothing was connected. Try again and choose ${expected}, or ask whoever sent the link to change the address.`,
  }),
  readdressedAccount: (address: string): Ending => ({
    title: "That was another Google account",
    text: `${address} now belongs to another Google account than the one that was connected before. Nothing was connected. If you still have that one, try again and choose it; otherwise tell whoever sent you the link.`,
  }),
};

const spanish: Wording = {
  connectTitle: (business) => `Conecta el calendario de ${business}`,
  connectTitleNameless: "Conecta tu calendario",
  connectText:
    "Así tus citas se podrán reservar por mensaje, en tu propio Google Calendar, a las horas en que estés libre.",
  willDo: "Qué permite:",
  willDoList: [
    "Ver cuándo estás ocupado (nunca los títulos ni los invitados de tus eventos)",
    "Agregar, mover y cancelar las citas que se reservaron por aquí",
  ],
  account: (email) =>
    `En la página siguiente elige la cuenta de Google ${email} y deja marcada la casilla del calendario.`,
  accountAny:
    "En la página siguiente elige la cuenta de tu negocio y deja marcada la casilla del calendario.",
  continueButton: "Continuar con Google",
  blockedHint: (email) =>
    `Si Google dice «Acceso bloqueado», pide a quien te envió el enlace que agregue ${email} a los usuarios de prueba.`,
  yourAddress: "tu dirección",
  stopAnyTime: "Puedes terminarlo cuando quieras en myaccount.google.com/permissions.",
  inAppTitle: "Abre esta página en tu navegador",
  inAppText:
    "Google no permite iniciar sesión dentro de esta aplicación. Abre el menú (los tres puntos o el icono de compartir) y elige Abrir en el navegador, Chrome o Safari. O copia el enlace del mensaje y pégalo en tu navegador.",
  tryAgain: "Intentar de nuevo",
  endings: {
    connected: {
      title: "Tu calendario está conectado",
      text: "Eso es todo: ya se pueden reservar citas contigo. Puedes cerrar esta página.",
    },
    calendar_missing: {
      title: "Esta cuenta todavía no tiene calendario",
      text: "Diste el permiso, pero esta cuenta de Google no usa Google Calendar. Abre una vez calendar.google.com con ella: no hace falta nada más, y unos minutos después ya se podrán reservar citas. Si querías usar otra cuenta, pide un enlace nuevo a quien te lo envió.",
    },
    calendar_blocked: {
      title: "Tu organización no lo permite",
      text: "Diste el permiso, pero el administrador de tu Google Workspace no deja que las aplicaciones usen el calendario. Pídele que permita esta aplicación, o pide un enlace nuevo a quien te lo envió y elige otra cuenta.",
    },
    calendar_not_set_up: {
      title: "Falta algo de nuestro lado",
      text: "Diste el permiso, pero la API de Google Calendar no está activada en nuestro proyecto de Google Cloud. No tienes que hacer nada: avisa a quien te envió el enlace, que debe activarla.",
    },
    calendar_unusable: {
      title: "Tu calendario todavía no se puede usar",
      text: "Diste el permiso, pero el calendario no se puede leer. No hace falta que lo des de nuevo: avisa a quien te envió el enlace, que puede ver el motivo.",
    },
    link_unknown: {
      title: "Este enlace no funciona",
      text: "Comprueba que abriste el enlace completo del mensaje, o pide uno nuevo a quien te lo envió.",
    },
    link_expired: { title: "Este enlace ha caducado", text: "Pide uno nuevo a quien te lo envió." },
    link_revoked: {
      title: "Este enlace fue reemplazado",
      text: "Usa el enlace más reciente que recibiste, o pide uno nuevo.",
    },
    link_used: {
      title: "Este enlace ya se usó",
      text: "Si tu calendario está conectado, no hay nada más que hacer. Si no, pide uno nuevo a quien te lo envió.",
    },
    access_denied: {
      title: "No se conectó nada",
      text: "Elegiste no permitirlo. Si fue un error, inténtalo de nuevo.",
    },
    scope_missing: {
      title: "La casilla del calendario no estaba marcada",
      text: "Sin ella no se pueden ver tus horas libres, así que no se conectó nada. Inténtalo de nuevo y deja marcada la casilla del calendario.",
    },
    no_refresh_token: {
      title: "Google no dio un permiso duradero",
      text: "No se conectó nada. Inténtalo de nuevo.",
    },
    exchange_failed: {
      title: "Google no lo confirmó",
      text: "No se conectó nada. Inténtalo de nuevo. Si vuelve a pasar, avisa a quien te envió el enlace.",
    },
    client_refused: {
      title: "Google no acepta el cliente de este programa",
      text: "No se conectó nada. El ID o el secreto del cliente en la configuración no es correcto: revisa GOOGLE_CLIENT_ID y GOOGLE_CLIENT_SECRET y vuelve a iniciar el programa.",
    },
    state_invalid: {
      title: "Empieza de nuevo",
      text: "Esta página se abrió en otro navegador, dos veces o demasiado tarde. Abre otra vez el enlace del mensaje.",
    },
    server_error: {
      title: "Algo falló de nuestro lado",
      text: "No se conectó nada. Inténtalo de nuevo en unos minutos.",
    },
    too_many_visits: {
      title: "Espera un minuto",
      text: "Esta página se abrió demasiadas veces en poco tiempo. Espera un minuto y vuelve a cargarla: no se pierde nada.",
    },
  },
  wrongAccount: (chosen, expected) => ({
    title: "Esa era otra cuenta de Google",
    text: `Elegiste ${chosen}, pero este enlace es para ${expected}. No se conectó nada. Inténtalo de nuevo y elige ${expected}, o pide a quien te envió el enlace que cambie la dirección.`,
  }),
  readdressedAccount: (address) => ({
    title: "Esa era otra cuenta de Google",
    text: `${address} pertenece ahora a otra cuenta de Google, distinta de la que estaba conectada. No se conectó nada. Si todavía tienes aquella, inténtalo de nuevo y elígela; si no, avisa a quien te envió el enlace.`,
  }),
};

const portuguese: Wording = {
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
  endings: {
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

const wordings: Record<Language, Wording> = { en: english, es: spanish, pt: portuguese };

/** The first language of `Accept-Language` that the pages speak; English if there is none. */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "").split(",").map((entry) => entry.trim().slice(0, 2).toLowerCase());
  return wanted.find((code): code is Language => code in wordings) ?? "en";
}

export function wordingOf(language: Language): Wording {
  return wordings[language];
}
