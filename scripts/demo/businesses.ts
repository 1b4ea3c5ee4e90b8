/** The demo's businesses: believable, and nobody's. Their addresses and numbers can't be anybody's. */

export type DemoBusiness = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly schedule: object;
  /** What is in the calendar already, every so many days: local times of the business. */
  readonly busy: readonly { readonly everyDays: number; readonly from: string; readonly to: string }[];
  readonly bookings: readonly DemoBooking[];
  /** Whether its consent is taken back at the end, so that somebody has to send a new link. */
  readonly isLost: boolean;
};

export type DemoBooking = {
  readonly service: string;
  readonly name: string;
  readonly phone: string;
  /** Which of the free times from now on is taken, from 0, the first, to 1, the last of two weeks. */
  readonly at: number;
  /** What the person does later. */
  readonly later?: "cancel" | "move";
};

const weekdays = (windows: readonly object[]) =>
  Object.fromEntries(["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [day, windows]));
const split = (...windows: readonly (readonly [string, string])[]) =>
  windows.map(([start, end]) => ({ start, end }));
const common = { time_zone: "America/Bogota", language: "es", holidays: { country: "CO" }, horizon_days: 60 };

const people = [
  ...["Ana Pérez", "Julián Rojas", "Camila Ortiz", "Mateo Suárez", "Valentina Gómez", "Samuel Díaz"],
  ...["Laura Medina", "Andrés Cano", "Sofía Vargas", "Nicolás Peña", "Isabel Mora", "Tomás Rincón"],
  ...["Gabriela Nieto", "Felipe Castro", "Daniela Ruiz", "Óscar Jaramillo"],
];

/** Bookings of people one after the other, spread over two weeks. */
function spread(first: number, services: readonly string[]): DemoBooking[] {
  return services.map((service, i) => ({
    service,
    name: people[(first + i) % people.length] ?? "",
    phone: `+57300555${String(1_000 + first + i)}`,
    at: ((i * 7 + 1) % (services.length * 2)) / (services.length * 2),
  }));
}

const shop: DemoBusiness = {
  id: "barberia-el-faro",
  name: "Barbería El Faro",
  email: "turnos@elfaro.example",
  phone: "+573005550101",
  schedule: {
    ...common,
    weekly_hours: {
      ...weekdays(split(["09:00", "13:00"], ["14:00", "19:00"])),
      saturday: split(["09:00", "17:00"]),
    },
    services: [
      {
        ...{ id: "corte", name: "Corte de cabello", duration_minutes: 45, price_text: "$ 35.000" },
        buffer_after_minutes: 10,
      },
      { id: "barba", name: "Arreglo de barba", duration_minutes: 30, price_text: "$ 22.000" },
      { id: "combo", name: "Corte y barba", duration_minutes: 75, price_text: "$ 52.000" },
    ],
    slot_interval_minutes: 15,
    minimum_notice_minutes: 60,
  },
  busy: [
    { everyDays: 2, from: "10:30", to: "12:00" },
    { everyDays: 3, from: "16:00", to: "17:30" },
  ],
  bookings: [
    ...spread(0, ["corte", "combo", "barba", "corte", "corte", "combo", "barba", "corte"]),
    { service: "corte", name: "Martín León", phone: "+573005551201", at: 0.35, later: "cancel" },
    { service: "combo", name: "Paula Arias", phone: "+573005551202", at: 0.55, later: "move" },
  ],
  isLost: false,
};

const dentist: DemoBusiness = {
  id: "odontologia-arrayan",
  name: "Odontología Arrayán",
  email: "agenda@arrayan.example",
  phone: "+573005550102",
  schedule: {
    ...common,
    weekly_hours: weekdays(split(["08:00", "12:00"], ["14:00", "18:00"])),
    services: [
      { id: "valoracion", name: "Valoración", duration_minutes: 30, price_text: "Sin costo" },
      {
        ...{ id: "limpieza", name: "Limpieza dental", duration_minutes: 60, price_text: "$ 120.000" },
        buffer_after_minutes: 15,
      },
    ],
    minimum_notice_minutes: 240,
    max_bookings_per_day: 12,
  },
  busy: [
    { everyDays: 1, from: "08:00", to: "09:00" },
    { everyDays: 4, from: "14:00", to: "18:00" },
  ],
  bookings: spread(8, ["limpieza", "valoracion", "limpieza", "limpieza", "valoracion", "limpieza"]),
  isLost: false,
};

const physiotherapist: DemoBusiness = {
  id: "fisio-ribera",
  name: "Fisioterapia Ribera",
  email: "hola@ribera.example",
  phone: "+573005550103",
  schedule: {
    ...common,
    weekly_hours: { ...weekdays(split(["07:00", "15:00"])), friday: split(["07:00", "12:00"]) },
    services: [
      { id: "sesion", name: "Sesión de fisioterapia", duration_minutes: 50, price_text: "$ 90.000" },
    ],
    slot_interval_minutes: 30,
  },
  busy: [{ everyDays: 2, from: "12:00", to: "13:00" }],
  bookings: spread(3, ["sesion", "sesion", "sesion", "sesion"]),
  isLost: true,
};

export const demoBusinesses: readonly DemoBusiness[] = [shop, dentist, physiotherapist];
