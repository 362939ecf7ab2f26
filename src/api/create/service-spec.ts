/** `ServiceSpec` of a request, as Docker's engine hands it to a manager. */
import { fail, type SeawayError } from '../../errors.ts';
import type { EndpointSpec, PortConfig, ServiceMode, ServiceSpec, UpdateConfig } from '../../swarm/spec.ts';
import type {
  EndpointSpecBody,
  ServiceModeBody,
  ServiceSpecBody,
  UpdateConfigBody,
} from '../schemas/services.ts';
import { omitEmpty } from './omit-empty.ts';
import { attachments, taskSpec } from './task-spec.ts';

const invalid = (why: string): SeawayError => fail('BAD_REQUEST', why);

/** `registryAuth` is the header of the request. Throws BAD_REQUEST, in Docker's words. */
export function serviceSpec(body: ServiceSpecBody, registryAuth: string): ServiceSpec {
  return {
    Name: body.Name ?? '',
    Labels: body.Labels ?? {},
    TaskTemplate: taskSpec(body.TaskTemplate ?? {}, registryAuth),
    ...(body.UpdateConfig && { UpdateConfig: updateConfig(body.UpdateConfig) }),
    ...(body.RollbackConfig && { RollbackConfig: updateConfig(body.RollbackConfig) }),
    ...omitEmpty({ Networks: attachments(body.Networks) }),
    ...(body.EndpointSpec && { EndpointSpec: endpointSpec(body.EndpointSpec) }),
    Mode: serviceMode(body.Mode ?? {}),
  };
}

function updateConfig(body: UpdateConfigBody): UpdateConfig {
  const { FailureAction: action = '', Order: order = '' } = body;
  if (action !== '' && action !== 'pause' && action !== 'continue' && action !== 'rollback')
    throw invalid(`unrecognized update failure action ${action}`);
  if (order !== '' && order !== 'stop-first' && order !== 'start-first')
    throw invalid(`unrecognized update order ${order}`);
  return {
    Parallelism: body.Parallelism ?? 0,
    ...omitEmpty({ Delay: body.Delay, Monitor: body.Monitor }),
    FailureAction: action || 'pause',
    MaxFailureRatio: body.MaxFailureRatio ?? 0,
    Order: order || 'stop-first',
  };
}

function endpointSpec({ Mode: mode = '', Ports: ports = [] }: EndpointSpecBody): EndpointSpec {
  if (mode !== '' && mode !== 'vip' && mode !== 'dnsrr')
    throw invalid(`invalid resolution mode: ${JSON.stringify(mode)}`);
  return { Mode: mode || 'vip', ...omitEmpty({ Ports: ports.map(portConfig) }) };
}

/** Words that Docker does not know count as not given. */
function portConfig(body: NonNullable<EndpointSpecBody['Ports']>[number]): PortConfig {
  const protocol = body.Protocol?.toLowerCase();
  return {
    ...omitEmpty({ Name: body.Name, TargetPort: body.TargetPort, PublishedPort: body.PublishedPort }),
    Protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
    PublishMode: body.PublishMode?.toLowerCase() === 'host' ? 'host' : 'ingress',
  };
}

function serviceMode(mode: ServiceModeBody): ServiceMode {
  const { Global, Replicated, ReplicatedJob: job, GlobalJob } = mode;
  if ([Global, Replicated, job, GlobalJob].filter((each) => each !== undefined).length > 1)
    throw invalid('must specify only one service mode');
  if (Global) return { Global: {} };
  if (GlobalJob) return { GlobalJob: {} };
  if (!job) return { Replicated: { Replicas: Replicated?.Replicas ?? 1 } };
  const concurrent = job.MaxConcurrent ?? 1;
  return {
    ReplicatedJob: { MaxConcurrent: concurrent, TotalCompletions: job.TotalCompletions ?? concurrent },
  };
}
