import type { Provider } from "@cita/providers";
import type { Language, ProviderWords } from "./provider-words.ts";

/** What the pages say of a provider without sentences of its own; undefined: the business hasn't chosen one yet. */
type NeutralWords = (provider: Provider | undefined) => ProviderWords;

const variablesOf = (provider: Provider | undefined, and: string) => {
  const [names] = provider?.clientVariables ?? [];
  return names === undefined ? "" : `: ${names.id} ${and} ${names.secret}`;
};

const english: NeutralWords = (provider) => {
  const { name = "the provider", accessPage = null } = provider ?? {};
  const nothing = "Nothing was connected.";
  return {
    connectText:
      "Your appointments can then be booked by message, into your own calendar, at times when you are free.",
    account: (email) => `Choose the account ${email} on the next page, and allow the access to the calendar.`,
    accountAny: "Choose the account of your business on the next page, and allow the access to the calendar.",
    continueButton: `Continue to ${name}`,
    blockedHint: null,
    stopAnyTime: `You can end this at any time ${accessPage === null ? "in your account" : `at ${accessPage}`}.`,
    inAppText:
      "Signing in may not work inside this app. Open the menu (three dots, or the share icon) and choose Open in browser, Chrome or Safari. Or copy the link from the message and paste it into your browser.",
    wrongAccount: (chosen, expected) => ({
      title: "That was another account",
      text: `You chose ${chosen}, but this link is for ${expected}. ${nothing} Try again and choose ${expected}, or ask whoever sent the link to change the address.`,
    }),
    readdressedAccount: (address) => ({
      title: "That was another account",
      text: `${address} now belongs to another account than the one that was connected before. ${nothing} If you still have that one, try again and choose it; otherwise tell whoever sent you the link.`,
    }),
    results: {
      calendar_missing: {
        title: "This account has no calendar yet",
        text: "You gave the permission, but this account has no calendar. If you meant another account, ask whoever sent you the link for a new one.",
      },
      calendar_blocked: {
        title: "Your organisation doesn't allow it",
        text: "You gave the permission, but your organisation doesn't let apps use the calendar. Ask your administrator to allow this app, or ask whoever sent you the link for a new one and choose another account.",
      },
      calendar_not_set_up: {
        title: "Something is missing on our side",
        text: "You gave the permission, but our side isn't set up to read the calendar. You needn't do anything: tell whoever sent you the link.",
      },
      scope_missing: {
        title: "The calendar was not allowed",
        text: "Without it your free times can't be seen, so nothing was connected. Try again and allow the access to the calendar.",
      },
      no_refresh_token: {
        title: `There was no lasting permission from ${name}`,
        text: `${nothing} Please try again.`,
      },
      exchange_failed: {
        title: `It wasn't confirmed by ${name}`,
        text: `${nothing} Please try again. If it happens again, tell whoever sent you the link.`,
      },
      client_refused: {
        title: `This program's client isn't accepted by ${name}`,
        text: `${nothing} The client ID or the client secret in the configuration is wrong${variablesOf(provider, "and")}. Check them, and start the program again.`,
      },
    },
  };
};

const spanish: NeutralWords = (provider) => {
  const { name = "el proveedor", accessPage = null } = provider ?? {};
  const nothing = "No se conectó nada.";
  return {
    connectText:
      "Así tus citas se podrán reservar por mensaje, en tu propio calendario, a las horas en que estés libre.",
    account: (email) => `En la página siguiente elige la cuenta ${email} y permite el acceso al calendario.`,
    accountAny: "En la página siguiente elige la cuenta de tu negocio y permite el acceso al calendario.",
    continueButton: `Continuar con ${name}`,
    blockedHint: null,
    stopAnyTime: `Puedes terminarlo cuando quieras en ${accessPage ?? "tu cuenta"}.`,
    inAppText:
      "Puede que no se pueda iniciar sesión dentro de esta aplicación. Abre el menú (los tres puntos o el icono de compartir) y elige Abrir en el navegador, Chrome o Safari. O copia el enlace del mensaje y pégalo en tu navegador.",
    wrongAccount: (chosen, expected) => ({
      title: "Esa era otra cuenta",
      text: `Elegiste ${chosen}, pero este enlace es para ${expected}. ${nothing} Inténtalo de nuevo y elige ${expected}, o pide a quien te envió el enlace que cambie la dirección.`,
    }),
    readdressedAccount: (address) => ({
      title: "Esa era otra cuenta",
      text: `${address} pertenece ahora a otra cuenta, distinta de la que estaba conectada. ${nothing} Si todavía tienes aquella, inténtalo de nuevo y elígela; si no, avisa a quien te envió el enlace.`,
    }),
    results: {
      calendar_missing: {
        title: "Esta cuenta todavía no tiene calendario",
        text: "Diste el permiso, pero esta cuenta no tiene calendario. Si querías usar otra cuenta, pide un enlace nuevo a quien te lo envió.",
      },
      calendar_blocked: {
        title: "Tu organización no lo permite",
        text: "Diste el permiso, pero tu organización no deja que las aplicaciones usen el calendario. Pide a tu administrador que permita esta aplicación, o pide un enlace nuevo a quien te lo envió y elige otra cuenta.",
      },
      calendar_not_set_up: {
        title: "Falta algo de nuestro lado",
        text: "Diste el permiso, pero nuestro lado no está preparado para leer el calendario. No tienes que hacer nada: avisa a quien te envió el enlace.",
      },
      scope_missing: {
        title: "No se permitió el calendario",
        text: "Sin él no se pueden ver tus horas libres, así que no se conectó nada. Inténtalo de nuevo y permite el acceso al calendario.",
      },
      no_refresh_token: {
        title: `No hubo un permiso duradero de ${name}`,
        text: `${nothing} Inténtalo de nuevo.`,
      },
      exchange_failed: {
        title: `No hubo confirmación de ${name}`,
        text: `${nothing} Inténtalo de nuevo. Si vuelve a pasar, avisa a quien te envió el enlace.`,
      },
      client_refused: {
        title: `El cliente de este programa no fue aceptado por ${name}`,
        text: `${nothing} El ID o el secreto del cliente en la configuración no es correcto${variablesOf(provider, "y")}. Revísalos y vuelve a iniciar el programa.`,
      },
    },
  };
};

const portuguese: NeutralWords = (provider) => {
  const { name = "o provedor", accessPage = null } = provider ?? {};
  const nothing = "Nada foi conectado.";
  return {
    connectText:
      "Assim seus horários poderão ser marcados por mensagem, na sua própria agenda, quando você estiver livre.",
    account: (email) => `Na próxima página escolha a conta ${email} e permita o acesso à agenda.`,
    accountAny: "Na próxima página escolha a conta do seu negócio e permita o acesso à agenda.",
    continueButton: `Continuar com ${name}`,
    blockedHint: null,
    stopAnyTime: `Você pode encerrar quando quiser em ${accessPage ?? "sua conta"}.`,
    inAppText:
      "Talvez não seja possível entrar dentro deste aplicativo. Abra o menu (os três pontos ou o ícone de compartilhar) e escolha Abrir no navegador, Chrome ou Safari. Ou copie o link da mensagem e cole no navegador.",
    wrongAccount: (chosen, expected) => ({
      title: "Essa era outra conta",
      text: `Você escolheu ${chosen}, mas este link é para ${expected}. ${nothing} Tente de novo e escolha ${expected}, ou peça a quem enviou o link que mude o endereço.`,
    }),
    readdressedAccount: (address) => ({
      title: "Essa era outra conta",
      text: `${address} agora pertence a outra conta, diferente da que estava conectada. ${nothing} Se você ainda tem aquela, tente de novo e escolha-a; senão, avise quem enviou o link.`,
    }),
    results: {
      calendar_missing: {
        title: "Esta conta ainda não tem agenda",
        text: "Você deu a permissão, mas esta conta não tem agenda. Se queria usar outra conta, peça um novo link a quem o enviou.",
      },
      calendar_blocked: {
        title: "Sua organização não permite",
        text: "Você deu a permissão, mas a sua organização não deixa aplicativos usarem a agenda. Peça ao administrador que permita este aplicativo, ou peça um novo link a quem o enviou e escolha outra conta.",
      },
      calendar_not_set_up: {
        title: "Falta algo do nosso lado",
        text: "Você deu a permissão, mas o nosso lado não está preparado para ler a agenda. Você não precisa fazer nada: avise quem enviou o link.",
      },
      scope_missing: {
        title: "A agenda não foi permitida",
        text: "Sem ela não dá para ver seus horários livres, então nada foi conectado. Tente de novo e permita o acesso à agenda.",
      },
      no_refresh_token: {
        title: `Não houve uma permissão duradoura: ${name}`,
        text: `${nothing} Tente de novo.`,
      },
      exchange_failed: {
        title: `Não houve confirmação: ${name}`,
        text: `${nothing} Tente de novo. Se acontecer outra vez, avise quem enviou o link.`,
      },
      client_refused: {
        title: `O cliente deste programa não foi aceito: ${name}`,
        text: `${nothing} O ID ou a chave secreta do cliente na configuração está incorreta${variablesOf(provider, "e")}. Confira e inicie o programa de novo.`,
      },
    },
  };
};

export const neutralWords: Readonly<Record<Language, NeutralWords>> = {
  en: english,
  es: spanish,
  pt: portuguese,
};
