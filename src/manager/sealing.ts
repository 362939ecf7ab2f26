/** Values are sealed before they leave this process: AES-256-GCM, bound to the key that they are stored at. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fail } from '../errors.ts';

const algorithm = 'aes-256-gcm';
const [nonceBytes, tagBytes, secretBytes] = [12, 16, 32];

export interface Seal {
  /** `place`: where it is stored; it opens only there. */
  close(place: string, content: string | Buffer): string;
  /** Throws SWARM_SEALED for a value of another key, of another place, or one that was changed. */
  open(place: string, sealed: string): string;
  /** The same as bytes. */
  openBytes(place: string, sealed: string): Buffer;
}

export const newSecret = (): Buffer => randomBytes(secretBytes);

export function sealBy(secret: Buffer): Seal {
  const openBytes = (place: string, sealed: string): Buffer => {
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, nonceBytes);
    const tag = bytes.subarray(nonceBytes, nonceBytes + tagBytes);
    try {
      const decipher = createDecipheriv(algorithm, secret, nonce).setAAD(Buffer.from(place));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    } catch (cause) {
      throw Object.assign(fail('SWARM_SEALED', place), { cause });
    }
  };
  return {
    close: (place, content) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(Buffer.from(content)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
    },
    open: (place, sealed) => openBytes(place, sealed).toString('utf8'),
    openBytes,
  };
}
