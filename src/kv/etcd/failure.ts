/** What an error of a call to etcd means. */
import { Code, ConnectError } from '@connectrpc/connect';
import { fail, SeawayError } from '../../errors.ts';
import { isRefusal } from '../failure.ts';
import { NotReached } from '../servers.ts';

const noUser =
  /user name is empty|invalid auth token|authentication (failed|is not enabled)|permission denied/;

/** Etcd's own words begin with its name; all else is the connection's. */
const isOfServer = ({ rawMessage }: ConnectError): boolean =>
  /^(etcdserver|auth|etcdclient): /.test(rawMessage);

/** The revision that was asked for is no longer there: read again. */
export class Compacted extends Error {}

export const isCompacted = (thrown: unknown): boolean =>
  thrown instanceof ConnectError && thrown.code === Code.OutOfRange && /compacted/.test(thrown.rawMessage);

export const isLeaseGone = (thrown: unknown): boolean =>
  thrown instanceof ConnectError && thrown.code === Code.NotFound && /lease/.test(thrown.rawMessage);

/** The server says that it has done nothing and cannot. */
const isWithoutLeader = ({ rawMessage }: ConnectError): boolean => rawMessage === 'etcdserver: no leader';

/** What to throw. `repeatable`: asking another server does no harm. */
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
