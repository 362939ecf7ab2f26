/** Programs of tests of virtual addresses and the routing mesh: who answers, and who asks. */

/** Answers on TCP and UDP port 80 with its name and who asks; keeps connections, and answers again. Says `ready`. */
export const answering = (name: string): string => `
  require('node:net').createServer((s) => {
    s.on('error', () => {}).on('data', () => s.write('${name} ' + s.remoteAddress + '\\n'));
  }).listen(80, '::');
  const udp = require('node:dgram').createSocket('udp6');
  udp.on('message', (m, from) => udp.send('${name} ' + from.address, from.port, from.address))
    .bind(80, () => console.log('ready'));
`;

/** Asks so many times, each by a connection or socket of its own: PROTOCOL HOST PORT TIMES. A line per answer. */
export const asking = `
  const [, protocol, host, port, times] = process.argv;
  const net = require('node:net'), dgram = require('node:dgram');
  const one = () => new Promise((resolve) => {
    const clean = (text) => text.toString().trim().replace('::ffff:', '');
    setTimeout(() => resolve('no answer'), 2000);
    if (protocol === 'tcp') {
      const socket = net.connect({ host, port: Number(port) }, () => socket.write('?'));
      socket.on('data', (text) => { resolve(clean(text)); socket.destroy(); }).on('error', (e) => resolve(e.code));
    } else {
      const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.on('message', (text) => { resolve(clean(text)); socket.close(); }).on('error', (e) => resolve(e.code));
      socket.send('?', Number(port), host);
    }
  });
  (async () => { for (let i = 0; i < Number(times); i++) console.log(await one()); process.exit(0); })();
`;
