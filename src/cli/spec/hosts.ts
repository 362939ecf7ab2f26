/** Checks of single values: `--add-host`, `--link`, `--dns`, names of modes. */
import { isIP } from 'node:net';

/** `name:address` or `name=address`, brackets allowed; as the API wants it, `name:address`. Throws an `Error`. */
export function parseExtraHost(text: string): string {
  const at = text.includes('=') ? text.indexOf('=') : text.indexOf(':');
  const name = text.slice(0, at);
  if (at <= 0 || text.slice(at + 1) === '')
    throw new Error(`bad format for add-host: ${JSON.stringify(text)}`);
  const address = text.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  if (address !== 'host-gateway' && isIP(address) === 0)
    throw new Error(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return `${name}:${address}`;
}

/** One `--dns`. Throws an `Error`. */
export function parseDns(text: string): string {
  const address = text.trim();
  if (isIP(address) === 0) throw new Error(`IP address is not correctly formatted: ${text}`);
  return address;
}

/** A MAC address, or '' for none. Throws an `Error`. */
export function parseMac(text: string): string {
  if (text !== '' && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text))
    throw new Error(`${text} is not a valid mac address`);
  return text;
}

// Of the kernel, only what belongs to a namespace: docs.docker.com/reference/cli/docker/container/run/#sysctl
const namespacedSysctl =
  /^(net\.|fs\.mqueue\.|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$)/;

/** `name=value` of a sysctl that a container may have. Throws an `Error`. */
export function parseSysctl(text: string): string {
  const at = text.indexOf('=');
  if (at < 0 || !namespacedSysctl.test(text.slice(0, at).trim()))
    throw new Error(`sysctl '${text}' is not allowed`);
  return text;
}

/** `name[:alias]`. */
export function parseLink(text: string): string {
  if (text === '') throw new Error('empty string specified for links');
  if (text.split(':').length > 2) throw new Error(`bad format for links: ${text}`);
  return text;
}

/** `no`, `always`, `unless-stopped`, `on-failure[:n]`. Throws an `Error`. */
export function parseRestart(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  if (text === '') return { Name: 'no', MaximumRetryCount: 0 };
  const [name = '', count, more] = text.split(':');
  if (more !== undefined || name === '')
    throw new Error(
      'invalid restart policy format: ' +
        (name === '' ? 'no policy provided before colon' : 'too many colons'),
    );
  if (count !== undefined && !/^-?\d+$/.test(count))
    throw new Error('invalid restart policy format: maximum retry count must be an integer');
  return { Name: name, MaximumRetryCount: Number(count ?? 0) };
}

/** `1.5` processors to billionths. */
export function parseCpus(text: string): number {
  const match = /^\+?(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null || (match[1] === '' && (match[2] ?? '') === ''))
    throw new Error(`failed to parse ${text} as a rational number`);
  const fraction = match[2] ?? '';
  if (fraction.replace(/0+$/, '').length > 9) throw new Error('value is too precise');
  return Number(match[1] || '0') * 1e9 + Number(fraction.padEnd(9, '0').slice(0, 9));
}

const modes = {
  pid: { flag: '--pid: invalid PID mode', allowed: /^(host|container:.+)?$/ },
  uts: { flag: '--uts: invalid UTS mode', allowed: /^(host)?$/ },
  userns: { flag: '--userns: invalid USER mode', allowed: /^(host)?$/ },
  cgroupns: { flag: '--cgroupns: invalid CGROUP mode', allowed: /^(host|private)?$/ },
};

/** The mode as it is, or an `Error` in docker's words. */
export function checkMode(kind: keyof typeof modes, text: string): string {
  if (!modes[kind].allowed.test(text)) throw new Error(modes[kind].flag);
  return text;
}
