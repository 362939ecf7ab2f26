/** Root CAs of a swarm: made here, brought by users, and signed by the one before. */
import 'reflect-metadata';
import {
  createPrivateKey,
  X509Certificate as ReadCertificate,
  randomBytes,
  type webcrypto,
} from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';
import { fail, messageOf } from '../errors.ts';
import type { PeerCertificate } from '../swarm/records.ts';

/** PEM. */
export interface Credentials {
  readonly certificate: string;
  readonly key: string;
}

const [hour, leastLife] = [3_600_000, 365 * 24 * 3_600_000];
const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
};

export const certificatePem = (certificate: { toString(format: 'pem'): string }): string =>
  `${certificate.toString('pem').trim()}\n`;

export const serial = (): string => {
  const bytes = randomBytes(16);
  // positive (RFC 5280 section 4.1.2.2)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

interface Signer {
  readonly signingKey: CryptoKey;
  readonly signingAlgorithm: webcrypto.EcdsaParams | webcrypto.RsaHashedImportParams;
}

/** Throws SWARM_INVALID for a key of another kind. */
export function signerOf(pem: string): Signer {
  const key = createPrivateKey(pem);
  const importing = (algorithm: webcrypto.EcKeyImportParams | webcrypto.RsaHashedImportParams): CryptoKey =>
    key.toCryptoKey(algorithm, false, ['sign']) as CryptoKey;
  if (key.asymmetricKeyType === 'rsa') {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    return { signingKey: importing(algorithm), signingAlgorithm: algorithm };
  }
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (key.asymmetricKeyType !== 'ec' || !curve)
    throw fail('SWARM_INVALID', 'the key of a signing CA must be ECDSA (P-256, P-384 or P-521) or RSA');
  const { namedCurve, hash } = curve;
  return {
    signingKey: importing({ name: 'ECDSA', namedCurve }),
    signingAlgorithm: { name: 'ECDSA', hash },
  };
}

/** What a certificate says of its issuer, as the issuer says it of itself. */
export function issuedBy(ca: string): { readonly issuer: Name; readonly extensions: readonly Extension[] } {
  const root = new X509Certificate(ca);
  const own = root.getExtension(SubjectKeyIdentifierExtension);
  return {
    issuer: root.subjectName,
    extensions: own ? [new AuthorityKeyIdentifierExtension(own.keyId)] : [],
  };
}

/** The same subject and key as a certificate by the CA before: who trusts that one trusts this one by it. */
export async function crossSign(ca: Credentials, next: string): Promise<string> {
  const [old, root] = [new X509Certificate(ca.certificate), new X509Certificate(next)];
  const { issuer, extensions } = issuedBy(ca.certificate);
  const own = root.getExtension(SubjectKeyIdentifierExtension);
  const until = Math.min(old.notAfter.getTime(), root.notAfter.getTime());
  const certificate = await X509CertificateGenerator.create({
    ...{ serialNumber: serial(), issuer, subject: root.subjectName, publicKey: root.publicKey },
    ...{ notBefore: new Date(Date.now() - hour), notAfter: new Date(until), ...signerOf(ca.key) },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      own ?? (await SubjectKeyIdentifierExtension.create(root.publicKey)),
      ...extensions,
    ],
  });
  return certificatePem(certificate);
}

/** What has been revoked, signed by one of those that may be: etcd looks at the serial numbers alone. */
export async function makeCrl(
  { certificate, key }: Credentials,
  revoked: readonly PeerCertificate[],
): Promise<string> {
  const now = Date.now();
  const crl = await X509CrlGenerator.create({
    ...{ issuer: new X509Certificate(certificate).issuerName, ...signerOf(key) },
    ...{ thisUpdate: new Date(now - hour), nextUpdate: new Date(now + leastLife) },
    entries: revoked.map(({ serial: serialNumber }) => ({ serialNumber, revocationDate: new Date(now) })),
  });
  // the name by which Go and OpenSSL know it
  return certificatePem(crl).replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL');
}

/** A CA that a user brings, in the form in which it is kept. Throws SWARM_INVALID. */
export function readCa({ certificate, key }: Credentials): Credentials {
  const blocks = certificate.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > 1)
    throw fail('SWARM_INVALID', 'the desired CA certificate cannot contain multiple certificates');
  const [block] = blocks;
  if (!block) throw fail('SWARM_INVALID', 'could not parse the desired CA certificate');
  try {
    const read = new ReadCertificate(block);
    check(read, key);
    return { certificate: `${read.toString().trim()}\n`, key };
  } catch (thrown) {
    throw thrown instanceof Error && 'status' in thrown ? thrown : fail('SWARM_INVALID', messageOf(thrown));
  }
}

/** Throws SWARM_INVALID. */
function check(certificate: ReadCertificate, key: string): void {
  if (!certificate.ca) throw fail('SWARM_INVALID', 'the desired CA certificate is not one of a CA');
  if (certificate.validToDate.getTime() < Date.now() + leastLife)
    throw fail('SWARM_INVALID', 'CA certificate expires too soon');
  signerOf(key);
  if (!certificate.checkPrivateKey(createPrivateKey(key)))
    throw fail('SWARM_INVALID', 'certificate key mismatch');
}
