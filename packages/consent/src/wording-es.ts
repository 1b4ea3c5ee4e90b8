import type { Wording } from "./wording-en.ts";

export const spanish: Wording = {
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
  results: {
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
