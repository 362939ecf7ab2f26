import { existsSync, writeFileSync } from 'node:fs';
import type { Certificates } from './certificates.ts';
import { createServer, freeAddress, programOf, type Server } from './server.ts';

const java = programOf('java', '');
/** Debian's package of ZooKeeper; a Java that it runs on is not unpacked, because it is large. */
export const hasZooKeeper = java !== undefined && existsSync('/usr/share/java/zookeeper.jar');

export function zookeeperServer(_tls?: Certificates): Server {
  const address = freeAddress();
  return createServer({
    address,
    port: 2181,
    ready: async () => true,
    command: (folder) => {
      const lines = [
        'tickTime=500',
        `dataDir=${folder}/data`,
        `clientPortAddress=${address}`,
        'clientPort=2181',
        'admin.enableServer=false',
        'minSessionTimeout=2000',
        'maxSessionTimeout=40000',
        'maxClientCnxns=0',
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
