/** One sandbox's questions: answered here, passed on, or turned down. */
import type { NameRecords, SandboxNames } from '../names/records.ts';
import { matchesDomain } from '../policy/glob.ts';
import type { Announcer } from './announcer.ts';
import { answerLocally } from './answer.ts';
import { addressesIn } from './answered.ts';
import { decodeQuery, headerSize, isAnswer } from './decode.ts';
import { encodeAnswer, udpLimit } from './encode.ts';
import type { Faults } from './faults.ts';
import type { Forwarder, Transport } from './forwarder.ts';
import { type AnswerRecord, MalformedMessage, type Query, rcode } from './message.ts';
import type { AnsweredBy, Tally } from './tally.ts';
import { withId } from './upstream-udp.ts';

export interface ResponderOptions {
  readonly records: NameRecords;
  readonly sandboxId: string;
  /** For a sandbox with these settings. */
  readonly forwarder: (sandbox: SandboxNames) => Forwarder;
  readonly faults: Faults;
  readonly announcer: Announcer;
  readonly tally: Tally;
}

/** Answers a message by calling `reply`, at once or later, or never. */
export type Respond = (message: Buffer, transport: Transport, reply: (answer: Buffer) => void) => void;

/** As `Respond`, with who had the answer. */
type Answer = (
  message: Buffer,
  transport: Transport,
  reply: (answer: Buffer, by: AnsweredBy) => void,
) => void;

/** Ready-made answers of one question, in turn: several endpoints of one name share the load. */
interface Prepared {
  readonly turns: readonly Buffer[];
  next: number;
}

/** Questions of one sandbox whose answers are kept, enough for what one container asks for; bytes of them. */
const maxPrepared = 1024;
const maxPreparedBytes = 1024 * 1024;
/** Answers with more records than this come in this many orders. */
const maxTurns = 16;

export function createResponder(options: ResponderOptions): Respond {
  const answer = createAnswerer(options);
  return (message, transport, reply) => {
    // Never answer an answer: two servers could go on for ever.
    if (message.length < headerSize || isAnswer(message)) return;
    options.tally.asked(transport);
    const told = (made: Buffer, by: AnsweredBy): void => {
      options.tally.answered(by, made);
      reply(made);
    };
    try {
      answer(message, transport, told);
    } catch (error) {
      const malformed = error instanceof MalformedMessage;
      if (!malformed) options.faults.note('a question failed', { sandbox: options.sandboxId, error });
      told(headerOnly(message, malformed ? rcode.FORMERR : rcode.SERVFAIL), 'nobody');
    }
  };
}

/** Answers questions; throws on those that cannot be read. */
function createAnswerer({
  records,
  sandboxId,
  forwarder,
  faults,
  tally,
  announcer,
}: ResponderOptions): Answer {
  const prepared = createPreparedAnswers();
  let age = -1;
  let sandbox: SandboxNames | undefined;

  /** Forget what is older than the last commit. Must be called after the question came. */
  const refresh = (): void => {
    const now = records.refresh();
    if (now === age) return;
    age = now;
    prepared.clear();
    sandbox = records.sandbox(sandboxId);
  };
  return (message, transport, reply) => {
    refresh();
    const key = `${transport}${message.toString('latin1', 2)}`;
    const ready = prepared.get(key);
    if (ready) return reply(nextTurn(ready, message), 'itself');
    const query = decodeQuery(message);
    const limit = transport === 'tcp' ? 0xffff : udpLimit(query.edns);
    const code = unsupported(query, sandbox);
    if (code !== undefined || !sandbox)
      return reply(encodeAnswer(query, { rcode: code ?? rcode.SERVFAIL, limit }), 'nobody');
    const local = answerLocally(records, sandbox, query.question);
    if (local) {
      const made = prepare(query, local, limit);
      prepared.set(key, made);
      return reply(nextTurn(made, message), 'itself');
    }
    if (!sandbox.forward && sandbox.servers.length === 0)
      return reply(encodeAnswer(query, { rcode: rcode.SERVFAIL, limit }), 'nobody');
    const start = performance.now();
    const passed = forwarder(sandbox).forward({ message, transport, limit });
    announced(passed, { announcer, sandbox, query })
      .then((found) => {
        if (found === 'unanswered') tally.unanswered();
        else if (found !== 'busy') tally.forwarded(performance.now() - start);
        reply(passedBack(query, found, limit), typeof found === 'string' ? 'nobody' : 'servers');
      })
      .catch((error: unknown) => {
        faults.note('forwarding failed', { sandbox: sandboxId, error });
        reply(encodeAnswer(query, { rcode: rcode.SERVFAIL, limit }), 'nobody');
      });
  };
}

type Passed = Awaited<ReturnType<Forwarder['forward']>>;

/** Resolves with the answer once the engine knows the addresses in it, if a policy names what was asked. */
async function announced(
  passed: Promise<Passed>,
  { announcer, sandbox, query }: { announcer: Announcer; sandbox: SandboxNames; query: Query },
): Promise<Passed> {
  const found = await passed;
  const name = query.question.name.toLowerCase();
  const isWatched = sandbox.watched?.some((pattern) => matchesDomain(pattern, name)) ?? false;
  if (!isWatched || typeof found === 'string') return found;
  const addresses = addressesIn(found);
  if (addresses.length > 0) await announcer.announce({ sandbox: sandbox.sandboxId, name, addresses });
  return found;
}

/** Answers by question; all are forgotten when there are too many. */
function createPreparedAnswers() {
  const answers = new Map<string, Prepared>();
  let bytes = 0;
  const clear = (): void => {
    answers.clear();
    bytes = 0;
  };
  return {
    clear,
    get: (key: string) => answers.get(key),
    set(key: string, made: Prepared): void {
      if (answers.size >= maxPrepared || bytes > maxPreparedBytes) clear();
      for (const turn of made.turns) bytes += turn.length;
      bytes += key.length;
      answers.set(key, made);
    },
  };
}

/** The response code for what this server does not do at all. */
function unsupported(query: Query, sandbox: SandboxNames | undefined): number | undefined {
  if (query.opcode !== 0) return rcode.NOTIMP;
  if (query.edns && query.edns.version > 0) return rcode.BADVERS;
  return sandbox ? undefined : rcode.SERVFAIL;
}

function prepare(query: Query, local: readonly AnswerRecord[], limit: number): Prepared {
  const count = Math.max(1, Math.min(local.length, maxTurns));
  const turns = Array.from({ length: count }, (_, turn) => {
    const records = [...local.slice(turn), ...local.slice(0, turn)];
    return encodeAnswer(query, { rcode: rcode.NOERROR, records, limit });
  });
  return { turns, next: 0 };
}

/** A copy of the answer whose turn it is, with the id of the question. */
function nextTurn(ready: Prepared, message: Buffer): Buffer {
  const turn = ready.turns[ready.next] as Buffer;
  ready.next = ready.next + 1 < ready.turns.length ? ready.next + 1 : 0;
  const copy = Buffer.from(turn);
  copy[0] = message[0] ?? 0;
  copy[1] = message[1] ?? 0;
  return copy;
}

function passedBack(query: Query, found: Buffer | 'unanswered' | 'busy', limit: number): Buffer {
  if (typeof found !== 'string') return withId(found, query.id);
  return encodeAnswer(query, { rcode: found === 'busy' ? rcode.REFUSED : rcode.SERVFAIL, limit });
}

/** An answer to what cannot be read: its id, its opcode and the code. */
function headerOnly(message: Buffer, code: number): Buffer {
  const flags = message.readUInt16BE(2);
  const query = {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
    question: undefined,
    edns: undefined,
  };
  return encodeAnswer(query, { rcode: code, limit: headerSize });
}
