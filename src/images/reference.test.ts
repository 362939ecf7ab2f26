import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, familiar, parseReference, parseTag, repositoryOf, withDefaultTag } from './reference.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('references', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['someone/app', 'docker.io/someone/app:latest', 'someone/app:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest', 'localhost:5000/app:latest'],
    ['ghcr.io/a/b/c:v1', 'ghcr.io/a/b/c:v1', 'ghcr.io/a/b/c:v1'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`, `busybox@${digest}`],
    [`a/b:t@${digest}`, `docker.io/a/b:t@${digest}`, `a/b:t@${digest}`],
    ['a__b/c-d.e', 'docker.io/a__b/c-d.e:latest', 'a__b/c-d.e:latest'],
    ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
  ])('%s is %s, shown as %s', (text, full, shown) => {
    const reference = withDefaultTag(parseReference(text));
    expect(canonical(reference)).toBe(full);
    expect(familiar(reference)).toBe(shown);
  });

  it.each([
    ['', 'invalid reference format'],
    ['a:', 'invalid reference format'],
    [':a', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['-a', 'invalid reference format'],
    ['a..b', 'invalid reference format'],
    ['a:b:c', 'invalid reference format'],
    ['a@sha256:12', 'invalid reference format'],
    [`a@sha256:${'ab'.repeat(20)}`, 'invalid checksum digest length'],
    ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
    ['docker.io/a/Busybox', 'invalid reference format: repository name (a/Busybox) must be lowercase'],
    ['ab'.repeat(32), 'cannot specify 64-byte hexadecimal strings'],
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
    [`a:${'t'.repeat(129)}`, 'invalid reference format'],
  ])('"%s" is refused: %s', (text, why) => {
    expect(() => parseReference(text)).toThrow(why);
  });

  it('a tag cannot hold a digest', () => {
    expect(() => parseTag(`a@${digest}`)).toThrow('refusing to create a tag with a digest reference');
    expect(parseTag('a')).toBe('a:latest');
  });

  it('a repository is a name without tag and digest', () => {
    expect(repositoryOf(`localhost:5000/a@${digest}`)).toBe('localhost:5000/a');
  });

  it('what is shown, parsed again, is the same', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const part = fc.tuple(word, fc.constantFrom('', '.', '_', '__', '-', '--'), word).map((p) => p.join(''));
    const host = fc.constantFrom('', 'localhost/', 'localhost:5000/', 'ghcr.io/', '[fd00::1]:80/', 'UPPER/');
    const tag = fc.option(fc.stringMatching(/^[\w][\w.-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(host, fc.array(part, { minLength: 1, maxLength: 4 }), tag, (h, parts, t) => {
        const first = parseReference(`${h}${parts.join('/')}${t === undefined ? '' : `:${t}`}`);
        expect(parseReference(familiar(first))).toEqual(first);
        expect(parseReference(canonical(first))).toEqual(first);
      }),
    );
  });

  it('any text is parsed or refused with a message, never otherwise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseReference(canonical(parseReference(text)))).toEqual(parseReference(text));
        } catch (thrown) {
          expect((thrown as { code?: string }).code).toBe('BAD_REQUEST');
        }
      }),
    );
  });
});
