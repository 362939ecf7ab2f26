/** Attributes of log lines by `--log-opt` labels, env, their -regex, and tag. Pure. */
import { fail } from '../../errors.ts';
import type { Container } from '../../model/container.ts';

type Subject = Pick<Container, 'id' | 'name' | 'image' | 'config' | 'hostConfig'>;

const refuse = (why: string): Error =>
  fail('CONTAINER_CONFIG_INVALID', `failed to initialize logging driver: ${why}`);

const listed = (names: string | undefined): readonly string[] => (names ? names.split(',') : []);

function patternOf(text: string | undefined): RegExp | undefined {
  if (!text) return undefined;
  try {
    return new RegExp(text);
  } catch {
    throw refuse(`error parsing regexp: ${text}`);
  }
}

/** Of `all`, those that are listed or match. */
function picked(
  all: Readonly<Record<string, string>>,
  by: { readonly names: string | undefined; readonly regex: string | undefined },
): Record<string, string> {
  const pattern = patternOf(by.regex);
  const names = listed(by.names);
  return Object.fromEntries(
    Object.entries(all).filter(([key]) => names.includes(key) || (pattern?.test(key) ?? false)),
  );
}

const environment = (env: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    env.flatMap((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
    }),
  );

/** Fields of a tag's template (moby daemon/logger/loginfo.go). */
const tagFields: Readonly<Record<string, (subject: Subject) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageID: ({ image }) => image.replace(/^sha256:/, '').slice(0, 12),
  ImageFullID: ({ image }) => image,
  ImageName: ({ config }) => config.Image,
  Command: ({ config: { Entrypoint, Cmd } }) => [...(Entrypoint ?? []), ...(Cmd ?? [])].join(' '),
  DaemonName: () => 'seaway',
};

/** Throws CONTAINER_CONFIG_INVALID for unknown fields, NOT_SUPPORTED for anything but fields. */
function tagOf(template: string, subject: Subject): string {
  return template.replace(/\{\{(.*?)(?:\}\}|$)/gs, (whole, inside: string) => {
    if (!whole.endsWith('}}')) throw refuse('template: log-tag:1: unclosed action');
    const name = /^-?\s*\.(\w+)\s*-?$/.exec(inside)?.[1];
    if (name === undefined) throw fail('NOT_SUPPORTED', `the log tag "${template}"`);
    const field = Object.hasOwn(tagFields, name) ? tagFields[name] : undefined;
    if (!field)
      throw refuse(
        `template: log-tag:1:2: executing "log-tag" at <.${name}>: can't evaluate field ${name} in type *logger.Info`,
      );
    return field(subject);
  });
}

/** With the given ones, sorted by name. Throws as `tagOf` and for patterns that cannot be parsed. */
export function attributesOf(
  subject: Subject,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { Config: options } = subject.hostConfig.LogConfig;
  const found = {
    ...picked(subject.config.Labels ?? {}, { names: options.labels, regex: options['labels-regex'] }),
    ...picked(environment(subject.config.Env), { names: options.env, regex: options['env-regex'] }),
    ...(options.tag && { tag: tagOf(options.tag, subject) }),
    ...more,
  };
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As a member of a line of json-file: `"attrs":{...},`, or ''. */
export function attributesMember(attributes: Readonly<Record<string, string>>): string {
  return Object.keys(attributes).length === 0 ? '' : `"attrs":${JSON.stringify(attributes)},`;
}

/** As `docker logs --details` shows them before a line. */
export function detailsOf(attributes: Readonly<Record<string, string>>): string {
  const query = (text: string): string =>
    encodeURIComponent(text)
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return Object.entries(attributes)
    .map(([key, value]) => `${query(key)}=${query(value)}`)
    .join(',');
}
