/** packages/client/src/requests.ts: the bodies of requests as TypeScript types, from the schemas that check them. */
import type { TSchema } from 'typebox';
import {
  containerConfig,
  containerCreate,
  containerUpdate,
  execCreate,
  execStart,
} from '../../../src/api/schemas/containers.ts';
import { networkConnect, networkCreate, networkDisconnect } from '../../../src/api/schemas/networks.ts';
import { policyApply, policyTest } from '../../../src/api/schemas/policies.ts';
import { authConfig } from '../../../src/api/schemas/registry.ts';
import {
  namespaceConnect,
  namespaceDisconnect,
  pageOpen,
  portsAdd,
  portsRemove,
  rateChange,
} from '../../../src/api/schemas/seaway.ts';
import { serviceSpec } from '../../../src/api/schemas/services.ts';
import { clusterSpec, fileSpec, nodeSpec, swarmInit, swarmJoin } from '../../../src/api/schemas/swarm.ts';
import { volumeCreate } from '../../../src/api/schemas/volumes.ts';

/** By their titles, which are Docker's names of the types. */
const published: readonly TSchema[] = [
  containerConfig,
  containerCreate,
  containerUpdate,
  execCreate,
  execStart,
  networkCreate,
  networkConnect,
  networkDisconnect,
  volumeCreate,
  authConfig,
  clusterSpec,
  swarmInit,
  swarmJoin,
  nodeSpec,
  serviceSpec,
  fileSpec('SecretSpec'),
  fileSpec('ConfigSpec'),
  namespaceConnect,
  namespaceDisconnect,
  pageOpen,
  portsAdd,
  portsRemove,
  rateChange,
  policyApply,
  policyTest,
];

/** JSON Schema, as far as the schemas of the API use it. */
interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
}

function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, indent)).join(' | ');
  if (schema.type === 'string') return 'string';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'array') {
    const item = typeOf(schema.items ?? {}, indent);
    return `readonly ${item.includes(' ') && !item.startsWith('{') ? `(${item})` : item}[]`;
  }
  if (schema.patternProperties) {
    const [value = {}] = Object.values(schema.patternProperties);
    return `Readonly<Record<string, ${typeOf(value, indent)}>>`;
  }
  if (schema.type === 'object') return objectType(schema, indent);
  return 'unknown';
}

function objectType({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const fields = Object.entries(properties)
    .map(([name, field]) => ({ name, is: typeOf(field, `${indent}  `) }))
    // the engine looks at these only to refuse them
    .filter(({ is }) => is !== 'unknown')
    .map(({ name, is }) => `${indent}  readonly ${name}${required.includes(name) ? '' : '?'}: ${is};\n`);
  return fields.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fields.join('')}${indent}}`;
}

const head = `/**
 * Bodies of requests (Docker Engine API 1.50). Made from the schemas of src/api/schemas, which the engine checks them by:
 * UPDATE_GOLDEN=1 npm run test:pure -- test/golden
 */
`;

export const clientRequests = (): string =>
  head +
  published
    .map((schema) => schema as JsonSchema)
    .map((schema) => `\nexport interface ${schema.title} ${typeOf(schema, '')}\n`)
    .join('');
