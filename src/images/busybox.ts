/** The root filesystem of the built-in image, made from Debian's static busybox. */
import { open, readFile } from 'node:fs/promises';
import { fail, messageOf } from '../errors.ts';
import { runProgram } from '../programs/run.ts';
import type { Bytes } from './tar/bytes.ts';
import { encodeEntry, endOfArchive, padding, plainEntry } from './tar/writer.ts';

const places = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox-static'] as const;

const folders = ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'var', 'var/www'] as const;

const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n';
const group = 'root:x:0:\nnogroup:x:65534:\n';

/** ELF program header type PT_INTERP: a program with one needs libraries that the image lacks. */
const interpreterHeader = 3;

/** The root filesystem as a tar. The same busybox gives the same bytes. Throws RUNTIME_FAILED. */
export async function busyboxRoot(): Promise<Bytes> {
  const path = await staticBusybox();
  const doing = 'make the busybox image';
  const { stdout, code } = await runProgram(path, ['--list']).catch((thrown: unknown) => {
    throw fail('RUNTIME_FAILED', doing, messageOf(thrown));
  });
  if (code !== 0) throw fail('RUNTIME_FAILED', doing, `${path} --list ended with status ${code}`);
  const applets = stdout.split('\n').filter((name) => /^[^/\s]+$/.test(name) && name !== 'busybox');
  return rootOf(await readFile(path), applets);
}

async function* rootOf(busybox: Buffer, applets: readonly string[]): Bytes & AsyncGenerator<Buffer, void> {
  yield encodeEntry(plainEntry('dir', './'));
  for (const name of folders)
    yield encodeEntry({ ...plainEntry('dir', name), mode: name === 'tmp' ? 0o1777 : 0o755 });
  yield* file('bin/busybox', busybox, 0o755);
  for (const name of applets)
    yield encodeEntry({ ...plainEntry('symlink', `bin/${name}`), mode: 0o777, linkName: 'busybox' });
  yield* file('etc/passwd', Buffer.from(passwd), 0o644);
  yield* file('etc/group', Buffer.from(group), 0o644);
  yield endOfArchive;
}

function* file(name: string, content: Buffer, mode: number): Generator<Buffer, void> {
  yield encodeEntry({ ...plainEntry('file', name), mode, size: content.length });
  yield content;
  yield padding(content.length);
}

async function staticBusybox(): Promise<string> {
  for (const path of places) if (await isStatic(path)) return path;
  throw fail(
    'RUNTIME_FAILED',
    'make the busybox image',
    'no static busybox: install the package busybox-static',
  );
}

async function isStatic(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return bytesRead >= 64 && isStaticElf(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** elf(5), 64 bit little endian: e_phoff at 32, e_phentsize at 54, e_phnum at 56. */
function isStaticElf(head: Buffer): boolean {
  if (head.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return false;
  const start = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let at = start; at < start + size * count && at + 4 <= head.length; at += size)
    if (head.readUInt32LE(at) === interpreterHeader) return false;
  return true;
}
