import { readdirSync } from "node:fs";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Job } from "kubernetes-types/batch/v1.js";
import type { ConfigMap, PodSpec, Secret, Service } from "kubernetes-types/core/v1.js";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import type { Ingress, NetworkPolicy } from "kubernetes-types/networking/v1.js";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.js";
import t from "tap";
import repository from "../package.json" with { type: "json" };
import { checkManifests, type Manifest } from "./support/check-manifests.ts";
import {
  appNames,
  deployFolder,
  findVariableProblems,
  imageEnvironment,
  imagePort,
  readDeployFile,
  readYaml,
} from "./support/deploy-files.ts";
import { secrets } from "./support/started-services.ts";

type Kustomization = {
  resources: string[];
  images: { name: string; newName: string; newTag: string }[];
};

const [kustomization] = readYaml<Kustomization>("kubernetes/kustomization.yaml");
const files = readdirSync(`${deployFolder}/kubernetes`).filter((name) => name !== "kustomization.yaml");
const manifests = files.flatMap((name) => readYaml<Manifest>(`kubernetes/${name}`));

function all<T>(kind: string): (T & Manifest)[] {
  return manifests.filter((manifest): manifest is T & Manifest => manifest.kind === kind);
}

const deployments = all<Deployment>("Deployment");
const deploymentOf = (app: string) => deployments.find(({ metadata }) => metadata.name === app);
const [job] = all<Job>("Job");

const labelsOf = ({ spec }: Deployment) => spec?.template.metadata?.labels ?? {};
const containerOf = (pod: PodSpec | undefined) => pod?.containers[0];
const portNamesOf = ({ spec }: Deployment) =>
  (containerOf(spec?.template.spec)?.ports ?? []).map(({ name }) => name);

/** The deployment whose pods a selector is of. */
function selected({ matchLabels = {} }: LabelSelector): Deployment | undefined {
  return deployments.find((deployment) =>
    Object.entries(matchLabels).every(([name, value]) => labelsOf(deployment)[name] === value),
  );
}

t.test("manifests are of Kubernetes' API", async (t) => {
  t.equal(await checkManifests(t, manifests), "");
  const misspelt = { ...manifests[0], metadata: { nane: "x" } } as unknown as Manifest;
  t.match(await checkManifests(t, [misspelt]), "nane", "a misspelt key is found");
});

t.test("kustomization.yaml has every file but those that are applied by hand", (t) => {
  const byHand = ["migration-job.yaml", "secrets.example.yaml"];
  t.strictSame([...(kustomization?.resources ?? []), ...byHand].sort(), files.sort());
  const images = (kustomization?.images ?? []).map(({ name }) => name);
  const used = deployments.map(({ spec }) => containerOf(spec?.template.spec)?.image);
  t.strictSame(used.sort(), images.sort());
  t.end();
});

t.test("each app gets a configuration that it takes", (t) => {
  for (const app of appNames) {
    const envFrom = containerOf(deploymentOf(app)?.spec?.template.spec)?.envFrom ?? [];
    t.strictSame(envFrom, [{ configMapRef: { name: app } }, { secretRef: { name: app } }]);
    const settings = all<ConfigMap>("ConfigMap").find(({ metadata }) => metadata.name === app)?.data ?? {};
    const secretNames = Object.keys(
      all<Secret>("Secret").find(({ metadata }) => metadata.name === app)?.stringData ?? {},
    );
    const values: Record<string, string> = {
      ...secrets,
      ADMIN_API_KEY: "nWhorbAcTJVSjPZ19qRsLl40a-_-_b9u",
      ADMIN_ENCRYPTION_KEY: secrets.TOKEN_ENCRYPTION_KEY,
    };
    const given = secretNames.map((name) => [name, values[name] ?? "postgres://there"] as const);
    const environment = { ...imageEnvironment(app), ...settings, ...Object.fromEntries(given) };
    t.strictSame(findVariableProblems(app, environment), [], app);
    const [, commands = ""] = readDeployFile("kubernetes/secrets.example.yaml").split(`generic ${app} `);
    const made = [...(commands.split("kubectl")[0] ?? "").matchAll(/--from-literal=(\w+)=/g)];
    t.strictSame(made.map(([, name]) => name).sort(), secretNames.sort(), "as the command makes them");
  }
  t.end();
});

t.test("what selects pods finds them, and what names a port", (t) => {
  for (const deployment of deployments)
    t.equal(selected(deployment.spec?.selector ?? {}), deployment, deployment.metadata.name);
  for (const { metadata, spec } of all<Service>("Service")) {
    const deployment = selected({ matchLabels: spec?.selector ?? { none: "none" } });
    for (const { port, targetPort } of spec?.ports ?? []) {
      const ports = deployment && containerOf(deployment.spec?.template.spec)?.ports;
      t.equal(ports?.find(({ name }) => name === targetPort)?.containerPort, port, metadata.name);
    }
  }
  const budgets = all<PodDisruptionBudget>("PodDisruptionBudget").map(({ spec }) =>
    selected(spec?.selector ?? {}),
  );
  t.strictSame(new Set(budgets), new Set(deployments), "each has a disruption budget");
  for (const { metadata, spec } of all<NetworkPolicy>("NetworkPolicy")) {
    if (Object.keys(spec?.podSelector ?? {}).length === 0) continue;
    const deployment = selected(spec?.podSelector ?? {});
    const ports = (spec?.ingress ?? []).flatMap(({ ports = [] }) => ports.map(({ port }) => port));
    t.ok(deployment && ports.every((port) => portNamesOf(deployment).includes(`${port}`)), metadata.name);
  }
  t.end();
});

t.test("the ports are those that the services listen at, and management isn't public", (t) => {
  const [mcp] = all<ConfigMap>("ConfigMap").filter(({ metadata }) => metadata.name === "mcp-calendar");
  const [admin] = all<ConfigMap>("ConfigMap").filter(({ metadata }) => metadata.name === "admin-api");
  const [other] = all<ConfigMap>("ConfigMap").filter(({ metadata }) => metadata.name === "integrations");
  const ports = (app: string) =>
    Object.fromEntries(
      (containerOf(deploymentOf(app)?.spec?.template.spec)?.ports ?? []).map(({ name, containerPort }) => [
        name,
        `${containerPort}`,
      ]),
    );
  const management = { management: mcp?.data?.MANAGEMENT_PORT };
  for (const app of appNames)
    t.strictSame(ports(app), { http: imagePort(app), ...(app === "mcp-calendar" && management) });
  const [, name, port] = /^http:\/\/([\w-]+):(\d+)$/.exec(admin?.data?.CALENDAR_URL ?? "") ?? [];
  const service = all<Service>("Service").find(({ metadata }) => metadata.name === name);
  t.match(service?.spec?.ports, [{ name: "management", port: Number(port) }]);
  t.equal(other?.data?.CALENDAR_URL, admin?.data?.CALENDAR_URL, "both read what happens");

  const services = all<Service>("Service");
  for (const { host, http } of all<Ingress>("Ingress").flatMap(({ spec }) => spec?.rules ?? [])) {
    for (const { backend, path } of http?.paths ?? []) {
      const found = services.find(({ metadata }) => metadata.name === backend.service?.name);
      t.match(found?.spec?.ports, [{ name: backend.service?.port?.name }], `${host}`);
      t.equal(backend.service?.port?.name, "http");
      t.ok(host !== "integrations.example.com" || path !== "/", "what services tell each other isn't public");
    }
    const settings = [mcp, admin, other].flatMap((one) => Object.values(one?.data ?? {}));
    t.ok(settings.includes(`https://${host}`), `${host} is where a service says that it is`);
  }
  t.end();
});

t.test("probes ask what they are for, and no pod has more rights than it needs", (t) => {
  for (const { spec } of deployments) {
    const container = containerOf(spec?.template.spec);
    t.match(container, {
      startupProbe: { httpGet: { path: "/health" } },
      livenessProbe: { httpGet: { path: "/health" } },
      readinessProbe: { httpGet: { path: "/ready" } },
    });
    t.ok((spec?.replicas ?? 0) > 1);
  }
  for (const pod of [...deployments, job].map((owner) => owner?.spec?.template.spec)) {
    t.match(pod, {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001 },
    });
    t.match(containerOf(pod)?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  }
  t.end();
});

t.test("the migrations run as npm run db -- migrate does", (t) => {
  const scripts: Record<string, string> = repository.scripts;
  const command = containerOf(job?.spec?.template.spec)?.command?.join(" ");
  t.equal(command, `${scripts.db ?? "node scripts/db.ts"} migrate`);
  t.end();
});
