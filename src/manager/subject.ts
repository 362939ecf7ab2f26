/** What a certificate of the swarm says of its node. */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from '../swarm/records.ts';

export interface CertificateSubject {
  readonly nodeId: string;
  readonly clusterId: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const partOf = (text: string, name: string): string =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

/** As it is on record, to be revoked. */
export function peerCertificateOf(certificate: string): PeerCertificate {
  const { serialNumber, validToDate } = new X509Certificate(certificate);
  return { serial: serialNumber.toLowerCase(), until: validToDate.getTime() };
}

export function subjectOf(certificate: string | Buffer): CertificateSubject {
  const { subject, validFromDate, validToDate } = new X509Certificate(certificate);
  return {
    ...{ nodeId: partOf(subject, 'CN'), clusterId: partOf(subject, 'O') },
    ...{ from: validFromDate.getTime(), until: validToDate.getTime() },
  };
}

/** Of a root certificate, as the API shows it: base64 of DER. */
export function issuerOf(rootCa: string): { readonly subject: string; readonly publicKey: string } {
  const certificate = new X509Certificate(rootCa);
  const publicKey = certificate.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return { subject: subjectDer(certificate.raw).toString('base64'), publicKey };
}

/** `issuer`: a public key, base64 of DER. */
export function isIssuedBy(certificate: string, issuer: string): boolean {
  const key = createPublicKey({ key: Buffer.from(issuer, 'base64'), format: 'der', type: 'spki' });
  return new X509Certificate(certificate).verify(key);
}

export const fingerprintOf = (rootCa: string): string =>
  createHash('sha256').update(rootCa.trim()).digest('hex');

/** The name within a certificate: the fifth or sixth part of its body (RFC 5280 section 4.1). */
function subjectDer(raw: Buffer): Buffer {
  let at = headerOf(raw, 0).body;
  at = headerOf(raw, at).body;
  // an explicit version comes first in all but the oldest certificates
  const skipped = raw[at] === 0xa0 ? 5 : 4;
  for (let part = 0; part < skipped; part++) at = headerOf(raw, at).end;
  return raw.subarray(at, headerOf(raw, at).end);
}

/** Of a DER element: where its content begins and where it ends. */
function headerOf(raw: Buffer, at: number): { readonly body: number; readonly end: number } {
  const first = raw[at + 1] ?? 0;
  if (first < 0x80) return { body: at + 2, end: at + 2 + first };
  const bytes = first & 0x7f;
  const length = raw.readUIntBE(at + 2, bytes);
  return { body: at + 2 + bytes, end: at + 2 + bytes + length };
}
