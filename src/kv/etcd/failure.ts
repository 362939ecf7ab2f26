/** Interprets errors of calls to etcd. */
import { Code, ConnectError } from '@connectrpc/connect';
import { fail, SeawayError } from '../../errors.ts';
import { isRefusal } from '../failure.ts';
import { NotReached } from '../servers.ts';

const noUser =
  /user name is empty|invalid auth token|authentication (failed|is not enabled)|permission denied/;

/** Errors of the server begin with its name; all others come from the connection. */
const isOfServer = ({ rawMessage }: ConnectError): boolean =>
  /^(etcdserver|auth|etcdclient): /.test(rawMessage);

/** The requested revision was compacted. */
export class Compacted extends Error {}

export const isCompacted = (thrown: unknown): boolean =>
  thrown instanceof ConnectError && thrown.code === Code.OutOfRange && /compacted/.test(thrown.rawMessage);

export const isLeaseGone = (thrown: unknown): boolean =>
  thrown instanceof ConnectError && thrown.code === Code.NotFound && /lease/.test(thrown.rawMessage);

/** The server has done nothing, because there is no leader. */
const isWithoutLeader = ({ rawMessage }: ConnectError): boolean => rawMessage === 'etcdserver: no leader';

/** The error to throw. `repeatable`: the call may be repeated on another server. */
export function meaningOf(
  thrown: unknown,
  { doing, repeatable }: { doing: string; repeatable: boolean },
): unknown {
  if (thrown instanceof SeawayError || thrown instanceof NotReached || thrown instanceof Compacted)
    return thrown;
  const error = ConnectError.from(thrown);
  const refuses = error.code === Code.Unauthenticated || error.code === Code.PermissionDenied;
  if (refuses || noUser.test(error.rawMessage)) return fail('KV_REFUSED', 'etcd', error.rawMessage);
  if (isWithoutLeader(error)) return new NotReached(error);
  if (isOfServer(error)) {
    const passing = error.code === Code.Unavailable || error.code === Code.DeadlineExceeded;
    return passing && repeatable ? new NotReached(error) : fail('KV_BROKEN', 'etcd', doing, error.rawMessage);
  }
  return repeatable || isRefusal(error)
    ? new NotReached(error)
    : fail('KV_BROKEN', 'etcd', doing, error.rawMessage);
}
