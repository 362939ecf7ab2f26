/** Names of a stack's objects, and the label that all of them have. */
import { isObject, type Json, type JsonObject } from './yaml.ts';

export const stackLabel = 'com.docker.stack.namespace';
/** The image as the Compose file names it, without a digest. */
export const imageLabel = 'com.docker.stack.image';

export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The name in the swarm. */
  scope(name: string): string {
    return `${this.name}_${name}`;
  }

  /** The name in the Compose file. */
  descope(name: string): string {
    return name.startsWith(`${this.name}_`) ? name.slice(this.name.length + 1) : name;
  }

  /** Labels, with that of the stack. */
  labels(own: Json | undefined): Record<string, string> {
    return { ...textsOf(own), [stackLabel]: this.name };
  }
}

/** Accessors of a configuration that readers have checked. */
export const objectOf = (value: Json | undefined): JsonObject =>
  isObject(value) ? (value as JsonObject) : {};

export const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export const textsOf = (value: Json | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(objectOf(value)).map(([key, own]) => [key, String(own)]));

export const textListOf = (value: Json | undefined): readonly string[] => listOf(value).map(String);

export const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;
