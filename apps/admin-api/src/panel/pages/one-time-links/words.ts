import type { InAllLanguages } from "../../language.ts";

const es = {
  joinTitle: "Te damos la bienvenida",
  joinText: (email: string) => `Elige cómo te llamamos y una contraseña para ${email}.`,
  name: "Tu nombre",
  password: "Contraseña",
  passwordHint: "Al menos 8 caracteres. Unas palabras que nadie relacione sirven.",
  join: "Entrar al panel",
  resetTitle: "Otra contraseña",
  resetText: (email: string) =>
    `Elige una contraseña nueva para ${email}. Se cierran todas las sesiones abiertas.`,
  reset: "Guardar y entrar",
  enterTitle: "Entrar al panel",
  enterOwner: (business: string) => `Este enlace abre el panel de ${business}. Sirve una sola vez.`,
  enterUser: "Este enlace abre tu sesión. Sirve una sola vez.",
  enter: "Entrar",
  forgotTitle: "Olvidé mi contraseña",
  forgotText: "Escribe tu correo. Si tienes una cuenta, te llega un enlace para elegir otra contraseña.",
  email: "Correo",
  forgot: "Enviar el enlace",
  sentTitle: "Revisa tu correo",
  sentText:
    "Si hay una cuenta con esa dirección, el enlace va en camino y sirve una hora. Si no llega, pide a un administrador que te cree uno.",
  back: "Volver a entrar",
  deadTitle: "Este enlace ya no sirve",
  deadText: "Se usó, caducó o fue reemplazado. Pide otro a quien te lo envió.",
  problems: {
    name: "Escribe tu nombre.",
    weak: "Esa contraseña es muy corta o se adivina. Prueba con unas palabras que nadie relacione.",
  },
};

const en: typeof es = {
  joinTitle: "Welcome",
  joinText: (email) => `Choose what we call you and a password for ${email}.`,
  name: "Your name",
  password: "Password",
  passwordHint: "At least 8 characters. A few words that nobody connects will do.",
  join: "Enter the panel",
  resetTitle: "Another password",
  resetText: (email) => `Choose a new password for ${email}. All open sessions are ended.`,
  reset: "Save and sign in",
  enterTitle: "Enter the panel",
  enterOwner: (business) => `This link opens the panel of ${business}. It works once.`,
  enterUser: "This link signs you in. It works once.",
  enter: "Sign in",
  forgotTitle: "I forgot my password",
  forgotText: "Write your e-mail. If you have an account, you get a link to choose another password.",
  email: "E-mail",
  forgot: "Send the link",
  sentTitle: "Look into your mail",
  sentText:
    "If there is an account with that address, the link is on its way and works for an hour. If it doesn’t arrive, ask an administrator to make you one.",
  back: "Back to signing in",
  deadTitle: "This link doesn’t work any more",
  deadText: "It was used, has expired or was replaced. Ask whoever sent it for another.",
  problems: {
    name: "Write your name.",
    weak: "That password is too short or can be guessed. Try a few words that nobody connects.",
  },
};

const pt: typeof es = {
  joinTitle: "Boas-vindas",
  joinText: (email) => `Escolha como chamamos você e uma senha para ${email}.`,
  name: "Seu nome",
  password: "Senha",
  passwordHint: "Pelo menos 8 caracteres. Algumas palavras que ninguém relacione servem.",
  join: "Entrar no painel",
  resetTitle: "Outra senha",
  resetText: (email) => `Escolha uma senha nova para ${email}. Todas as sessões abertas são encerradas.`,
  reset: "Salvar e entrar",
  enterTitle: "Entrar no painel",
  enterOwner: (business) => `Este link abre o painel de ${business}. Vale uma única vez.`,
  enterUser: "Este link abre sua sessão. Vale uma única vez.",
  enter: "Entrar",
  forgotTitle: "Esqueci minha senha",
  forgotText: "Escreva seu e-mail. Se você tem uma conta, recebe um link para escolher outra senha.",
  email: "E-mail",
  forgot: "Enviar o link",
  sentTitle: "Veja seu e-mail",
  sentText:
    "Se existe uma conta com esse endereço, o link está a caminho e vale uma hora. Se não chegar, peça a um administrador que crie um.",
  back: "Voltar a entrar",
  deadTitle: "Este link não vale mais",
  deadText: "Foi usado, expirou ou foi substituído. Peça outro a quem o enviou.",
  problems: {
    name: "Escreva seu nome.",
    weak: "Essa senha é curta demais ou fácil de adivinhar. Tente algumas palavras que ninguém relacione.",
  },
};

export const linkPageWords: InAllLanguages<typeof es> = { es, en, pt };
