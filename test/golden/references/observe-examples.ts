/** The routes of traces and captures for docs/api.md, and a trace. */
import { presentTrace } from '../../../src/api/presenters/trace.ts';
import type { Trace } from '../../../src/observe/trace.ts';
import type { Description } from './description.ts';

const traced: Trace = {
  ...{ number: 7, time: 1_796_000_000_123_456_789n, left: 0 },
  root: {
    subject: {
      kind: 'request',
      name: 'POST /networks/create',
      fields: { url: '/networks/create', status: 201 },
    },
    ...{ start: 0, milliseconds: 43.966, error: '', notes: [] },
    spans: [
      {
        subject: { kind: 'stage', name: 'decide and commit' },
        ...{ start: 0.4, milliseconds: 8.2, error: '', spans: [] },
        notes: [
          { at: 0.9, text: 'pool', fields: { network: 'app', subnet: '172.18.0.0/16', why: 'asked for' } },
        ],
      },
    ],
  },
};

export const observeDescriptions: Readonly<Record<string, Description>> = {
  'GET /seaway/trace': {
    what: `What the engine does, request by request, and by itself (healing, exits): a line of JSON for each trace, the
oldest first. \`n\`: the last so many; \`follow=1\`: also those that end from now on. \`Spans\` are its stages, each with
\`Start\` and \`Milliseconds\` since the trace began (null while it goes on); \`Notes\` are decisions with their reasons
(\`why\`), and actions on the kernel. \`Left\`: spans and notes that were too many. The last 256 traces are kept that have
spans or notes, and the last 64 of others.`,
    line: presentTrace(traced),
    errors: ['BAD_REQUEST'],
  },
  'GET /seaway/capture': {
    what: `Captures packets until the client closes the connection, or what is captured ends. \`what\`: \`container:NAME\`,
\`network:NAME\`, \`port:8080/tcp\` (both sides of the translation), \`link:NAME\` of the host, a name alone, or \`host\`.
\`filter\` is in the language of pcap-filter(7), \`snaplen\` the bytes of each packet that are kept, \`drops=1\` adds packets that the
kernel of the whole host drops, with its reason. What the client is too slow for is dropped and counted (interface statistics).`,
    stream:
      'pcapng (`application/x-pcapng`): an interface for each link, names of addresses in name resolution blocks',
    errors: [
      'BAD_REQUEST',
      'CAPTURE_UNKNOWN',
      'CAPTURE_NOT_UP',
      'CAPTURE_NO_LINK',
      'CAPTURE_FILTER_INVALID',
      'CAPTURE_NO_LIBPCAP',
      'CAPTURE_NO_DROPS',
    ],
  },
};
