import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Certificates } from './certificates.ts';
import { createServer, freeAddress, programOf, type Server, type ServerOptions } from './server.ts';

const java = programOf('java', '');
/** Debian's package of ZooKeeper; a Java that it runs on is not unpacked, because it is large. */
export const hasZooKeeper = java !== undefined && existsSync('/usr/share/java/zookeeper.jar');

/** It listens some time before it serves. */
function serves(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 2181 }, () => socket.write('srvr'));
    let said = '';
    socket.on('data', (data: Buffer) => {
      said += String(data);
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(/^Mode: /m.test(said)));
  });
}

function secureLines(tls: Certificates, { address, folder }: { address: string; folder: string }): string[] {
  const both = `${readFileSync(tls.server.key, 'utf8')}${readFileSync(tls.server.cert, 'utf8')}`;
  writeFileSync(`${folder}/server.pem`, both);
  return [
    'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
    `secureClientPortAddress=${address}`,
    'secureClientPort=2182',
    `ssl.keyStore.location=${folder}/server.pem`,
    'ssl.keyStore.type=PEM',
    `ssl.trustStore.location=${tls.ca}`,
    'ssl.trustStore.type=PEM',
    'ssl.clientAuth=need',
    'ssl.hostnameVerification=false',
  ];
}

export function zookeeperServer({ tls, address = freeAddress(), within }: ServerOptions = {}): Server {
  return createServer({
    ...{ address, within },
    port: tls ? 2182 : 2181,
    ready: () => serves(address),
    command: (folder) => {
      mkdirSync(`${folder}/data`, { recursive: true });
      const secure = tls ? secureLines(tls, { address, folder }) : [];
      const lines = [
        'tickTime=500',
        `dataDir=${folder}/data`,
        `clientPortAddress=${address}`,
        'clientPort=2181',
        'admin.enableServer=false',
        'minSessionTimeout=2000',
        'maxSessionTimeout=40000',
        'maxClientCnxns=0',
        ...secure,
      ];
      writeFileSync(`${folder}/zoo.cfg`, lines.join('\n'));
      const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
      const quiet = '-Dzookeeper.log.threshold=ERROR';
      return [
        'java',
        '-Xmx256m',
        quiet,
        '-cp',
        '/etc/zookeeper/conf:/usr/share/java/*',
        main,
        `${folder}/zoo.cfg`,
      ];
    },
  });
}
