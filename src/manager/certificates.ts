/** Certificates of a swarm's nodes. Here and in `root-ca.ts` is the library that they are made with, which is loaded late. */
import 'reflect-metadata';
import { createHash, type webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { fail } from '../errors.ts';
import { swarmIdOf } from '../swarm/context.ts';
import type { NodeRole } from '../swarm/spec.ts';
import { type Credentials, certificatePem, issuedBy, serial, signerOf } from './root-ca.ts';

export interface Subject {
  /** CN. */
  readonly nodeId: string;
  /** O. */
  readonly clusterId: string;
  readonly role: NodeRole;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const [hour, year] = [3_600_000, 365 * 24 * 3_600_000];
const rootYears = 20;
/** Certificates begin this much earlier, for clocks that are behind. */
const before = hour;

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function pemOf(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

/** A root of its own, `swarm-ca` for the nodes of a swarm. */
export async function makeRootCa(name: string): Promise<Credentials> {
  const keys = await generateKeys();
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: serial(), name: [{ CN: [name] }], signingAlgorithm: signing, keys },
    ...{ notBefore: new Date(now - before), notAfter: new Date(now + rootYears * year) },
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificatePem(certificate), key: await pemOf(keys.privateKey) };
}

/** A request for a certificate, and the key that it is for. The subject is the CA's to choose. */
export async function makeRequest(): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await generateKeys();
  const request = await Pkcs10CertificateRequestGenerator.create({
    ...{ name: [{ CN: ['swarm-node'] }], keys, signingAlgorithm: signing },
  });
  return { request: request.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** The public key of a request that proves to have the private one. Throws SWARM_INVALID for any other. */
async function publicKeyOf(request: string): Promise<CryptoKey> {
  try {
    const parsed = new Pkcs10CertificateRequest(request);
    if (await parsed.verify()) return await parsed.publicKey.export(algorithm, ['verify']);
  } catch {
    // not a request, or its key is not of P-256
  }
  throw fail('SWARM_INVALID', 'the certificate request is not valid');
}

/** The id of a node that joins by this request: the same one for the same key. */
export async function idOf(request: string): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('spki', await publicKeyOf(request)));
  return swarmIdOf(createHash('sha256').update(der).digest().subarray(0, 16));
}

export interface Issuing {
  readonly ca: Credentials;
  readonly request: string;
  readonly subject: Subject;
  /** Milliseconds. */
  readonly life: number;
  /** Addresses in the certificate, for peers that check them. */
  readonly addresses?: readonly string[];
}

/** Subject, names, uses and life are the CA's alone; of the request only the key counts. */
export async function issue({ ca, request, subject, life, addresses = [] }: Issuing): Promise<string> {
  const { nodeId, clusterId, role } = subject;
  const unit = `swarm-${role}`;
  const names = [unit, nodeId, ...(role === 'manager' ? ['swarm-ca'] : [])];
  const publicKey = await publicKeyOf(request);
  const { issuer, extensions: ofIssuer } = issuedBy(ca.certificate);
  const now = Date.now();
  const extensions: readonly Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    await SubjectKeyIdentifierExtension.create(publicKey),
    ...ofIssuer,
    new SubjectAlternativeNameExtension([
      ...names.map((value): JsonGeneralName => ({ type: 'dns', value })),
      ...addresses.map((value): JsonGeneralName => ({ type: 'ip', value })),
    ]),
  ];
  const certificate = await X509CertificateGenerator.create({
    ...{ serialNumber: serial(), issuer, publicKey },
    subject: [{ O: [clusterId] }, { OU: [unit] }, { CN: [nodeId] }],
    ...{ notBefore: new Date(now - before), notAfter: new Date(now + life) },
    ...{ ...signerOf(ca.key), extensions: [...extensions] },
  });
  return certificatePem(certificate);
}

/** A key and its certificate in one step, for this process. */
export async function makeCredentials(issuing: Omit<Issuing, 'request'>): Promise<Credentials> {
  const { request, key } = await makeRequest();
  return { certificate: await issue({ ...issuing, request }), key };
}
