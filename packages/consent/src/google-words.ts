/** What the pages say of Google. */

import type { ProviderWords } from "./provider-words.ts";

const english: ProviderWords = {
  connectText:
    "Your appointments can then be booked by message, into your own Google Calendar, at times when you are free.",
  account: (email) =>
    `Choose the Google account ${email} on the next page, and leave the calendar box ticked.`,
  accountAny: "Choose the account of your business on the next page, and leave the calendar box ticked.",
  continueButton: "Continue to Google",
  blockedHint: (email) =>
    `If Google says "Access blocked", ask whoever sent you this link to add ${email} to the test users.`,
  stopAnyTime: "You can end this at any time at myaccount.google.com/permissions.",
  inAppText:
    "Google doesn't allow signing in inside this app. Open the menu (three dots, or the share icon) and choose Open in browser, Chrome or Safari. Or copy the link from the message and paste it into your browser.",
  wrongAccount: (chosen, expected) => ({
    title: "That was another Google account",
    text: `You chose ${chosen}, but this link is for ${expected}. Nothing was connected. Try again and choose ${expected}, or ask whoever sent the link to change the address.`,
  }),
  readdressedAccount: (address) => ({
    title: "That was another Google account",
    text: `${address} now belongs to another Google account than the one that was connected before. Nothing was connected. If you still have that one, try again and choose it; otherwise tell whoever sent you the link.`,
  }),
  results: {
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
  },
};

const spanish: ProviderWords = {
  connectText:
    "Así tus citas se podrán reservar por mensaje, en tu propio Google Calendar, a las horas en que estés libre.",
  account: (email) =>
    `En la página siguiente elige la cuenta de Google ${email} y deja marcada la casilla del calendario.`,
  accountAny:
    "En la página siguiente elige la cuenta de tu negocio y deja marcada la casilla del calendario.",
  continueButton: "Continuar con Google",
  blockedHint: (email) =>
    `Si Google dice «Acceso bloqueado», pide a quien te envió el enlace que agregue ${email} a los usuarios de prueba.`,
  stopAnyTime: "Puedes terminarlo cuando quieras en myaccount.google.com/permissions.",
  inAppText:
    "Google no permite iniciar sesión dentro de esta aplicación. Abre el menú (los tres puntos o el icono de compartir) y elige Abrir en el navegador, Chrome o Safari. O copia el enlace del mensaje y pégalo en tu navegador.",
  wrongAccount: (chosen, expected) => ({
    title: "Esa era otra cuenta de Google",
    text: `Elegiste ${chosen}, pero este enlace es para ${expected}. No se conectó nada. Inténtalo de nuevo y elige ${expected}, o pide a quien te envió el enlace que cambie la dirección.`,
  }),
  readdressedAccount: (address) => ({
    title: "Esa era otra cuenta de Google",
    text: `${address} pertenece ahora a otra cuenta de Google, distinta de la que estaba conectada. No se conectó nada. Si todavía tienes aquella, inténtalo de nuevo y elígela; si no, avisa a quien te envió el enlace.`,
  }),
  results: {
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
  },
};

const portuguese: ProviderWords = {
  connectText:
    "Assim seus horários poderão ser marcados por mensagem, na sua própria Google Agenda, quando você estiver livre.",
  account: (email) =>
    `Na próxima página escolha a conta do Google ${email} e deixe marcada a caixa da agenda.`,
  accountAny: "Na próxima página escolha a conta do seu negócio e deixe marcada a caixa da agenda.",
  continueButton: "Continuar com o Google",
  blockedHint: (email) =>
    `Se o Google disser «Acesso bloqueado», peça a quem enviou o link que adicione ${email} aos usuários de teste.`,
  stopAnyTime: "Você pode encerrar quando quiser em myaccount.google.com/permissions.",
  inAppText:
    "O Google não permite entrar dentro deste aplicativo. Abra o menu (os três pontos ou o ícone de compartilhar) e escolha Abrir no navegador, Chrome ou Safari. Ou copie o link da mensagem e cole no navegador.",
  wrongAccount: (chosen, expected) => ({
    title: "Essa era outra conta do Google",
    text: `Você escolheu ${chosen}, mas este link é para ${expected}. Nada foi conectado. Tente de novo e escolha ${expected}, ou peça a quem enviou o link que mude o endereço.`,
  }),
  readdressedAccount: (address) => ({
    title: "Essa era outra conta do Google",
    text: `${address} agora pertence a outra conta do Google, diferente da que estava conectada. Nada foi conectado. Se você ainda tem aquela, tente de novo e escolha-a; senão, avise quem enviou o link.`,
  }),
  results: {
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
  },
};

export const googleWords = { en: english, es: spanish, pt: portuguese };
