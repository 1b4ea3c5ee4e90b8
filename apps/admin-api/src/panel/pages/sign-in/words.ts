import type { InAllLanguages } from "../../language.ts";

const es = {
  title: "Entrar",
  email: "Correo",
  password: "Contraseña",
  code: "Código de tu aplicación",
  codeHint: "Los 6 números que muestra ahora, o un código de recuperación.",
  submit: "Entrar",
  otherAccount: "Entrar con otra cuenta",
  forgot: "Olvidé mi contraseña",
  withGoogle: "Entrar con Google",
  ownerHint:
    "Si entraste con un enlace para manejar tu negocio, no tienes contraseña: pide un enlace nuevo a quien te lo envió.",
  problems: {
    invalid: "El correo o la contraseña no coinciden.",
    wrong_code: "Ese código no vale. Espera al siguiente y prueba de nuevo.",
    too_late: "Pasaron más de 5 minutos. Escribe de nuevo tu contraseña.",
    google_denied: "No diste permiso en Google, así que no entraste.",
    google_failed: "Google no respondió como debía. Prueba de nuevo, o entra con tu contraseña.",
    google_unknown: "Esa cuenta de Google no es de nadie aquí. Elige otra, o pide una invitación.",
    google_unproven:
      "Google no garantiza de quién es ese correo. Entra con tu contraseña, o acepta la invitación que te llegó.",
  },
  wait: (seconds: number) => `Demasiados intentos. Prueba de nuevo en ${seconds} segundos.`,
  ended: "Tu sesión terminó. Entra de nuevo con tu contraseña: lo que escribiste no se pierde.",
  lostWithGoogle: "Si entras con Google se pierde lo que escribiste.",
  continueTitle: "Sigue donde estabas",
  continueText: "Ya entraste. Lo que habías escrito sigue aquí: envíalo ahora.",
  continueButton: "Enviar lo que escribí",
  discard: "Descartarlo",
  footer: "Agendas reales para los agentes que atienden a tus clientes.",
};

const en: typeof es = {
  title: "Sign in",
  email: "E-mail",
  password: "Password",
  code: "Code from your app",
  codeHint: "The 6 digits that it shows now, or a recovery code.",
  submit: "Sign in",
  otherAccount: "Sign in with another account",
  forgot: "I forgot my password",
  withGoogle: "Sign in with Google",
  ownerHint:
    "If you came in by a link to run your business, you have no password: ask whoever sent it for a new link.",
  problems: {
    invalid: "E-mail and password don’t match.",
    wrong_code: "That code isn’t right. Wait for the next one and try again.",
    too_late: "More than 5 minutes have passed. Type your password again.",
    google_denied: "You gave no permission at Google, so you aren’t signed in.",
    google_failed: "Google’s answer wasn’t right. Try again, or sign in with your password.",
    google_unknown: "That Google account is nobody’s here. Choose another one, or ask for an invitation.",
    google_unproven:
      "Google doesn’t vouch for whose address that is. Sign in with your password, or accept the invitation you were sent.",
  },
  wait: (seconds) => `Too many attempts. Try again in ${seconds} seconds.`,
  ended: "Your session has ended. Sign in again with your password: what you typed isn’t lost.",
  lostWithGoogle: "If you sign in with Google, what you typed is lost.",
  continueTitle: "Go on where you were",
  continueText: "You are signed in. What you had typed is still here: send it now.",
  continueButton: "Send what I typed",
  discard: "Discard it",
  footer: "Real calendars for the agents that answer your customers.",
};

const pt: typeof es = {
  title: "Entrar",
  email: "E-mail",
  password: "Senha",
  code: "Código do seu aplicativo",
  codeHint: "Os 6 números que ele mostra agora, ou um código de recuperação.",
  submit: "Entrar",
  otherAccount: "Entrar com outra conta",
  forgot: "Esqueci minha senha",
  withGoogle: "Entrar com Google",
  ownerHint:
    "Se você entrou com um link para cuidar do seu negócio, não tem senha: peça um link novo a quem o enviou.",
  problems: {
    invalid: "O e-mail e a senha não coincidem.",
    wrong_code: "Esse código não vale. Espere o próximo e tente de novo.",
    too_late: "Passaram mais de 5 minutos. Digite sua senha de novo.",
    google_denied: "Você não deu permissão no Google, então não entrou.",
    google_failed: "O Google não respondeu como devia. Tente de novo, ou entre com sua senha.",
    google_unknown: "Essa conta do Google não é de ninguém aqui. Escolha outra, ou peça um convite.",
    google_unproven:
      "O Google não garante de quem é esse e-mail. Entre com sua senha, ou aceite o convite que recebeu.",
  },
  wait: (seconds) => `Muitas tentativas. Tente de novo em ${seconds} segundos.`,
  ended: "Sua sessão terminou. Entre de novo com sua senha: o que você escreveu não se perde.",
  lostWithGoogle: "Se você entrar com Google, o que escreveu se perde.",
  continueTitle: "Continue de onde parou",
  continueText: "Você entrou. O que você escreveu ainda está aqui: envie agora.",
  continueButton: "Enviar o que escrevi",
  discard: "Descartar",
  footer: "Agendas reais para os agentes que atendem seus clientes.",
};

export const signInWords: InAllLanguages<typeof es> = { es, en, pt };
