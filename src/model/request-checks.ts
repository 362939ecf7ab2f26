/** Checks of a create request, with Docker's messages. Pure. */

import { fail, type SeawayError } from '../errors.ts';
import type { ContainerConfig, ContainerRequest, HealthConfig, HostConfig } from './container.ts';
import { checkMounts } from './mount-checks.ts';
import { checkNamespaces } from './namespace-checks.ts';
import { checkNetworkMode } from './network-mode-checks.ts';
import { parsePort, parseRange } from './port-ranges.ts';

const invalid = (why: string): SeawayError => fail('CONTAINER_CONFIG_INVALID', why);

const millisecond = 1_000_000;

function checkHealth(health: HealthConfig): void {
  const durations = {
    Interval: health.Interval ?? 0,
    Timeout: health.Timeout ?? 0,
    StartPeriod: health.StartPeriod ?? 0,
    StartInterval: health.StartInterval ?? 0,
  };
  for (const [name, value] of Object.entries(durations)) {
    if (value !== 0 && value < millisecond) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((health.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
}

function checkConfig(config: ContainerConfig): void {
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (config.Image === '' && words.length === 0) throw invalid('no command specified');
  if (config.WorkingDir !== '' && !config.WorkingDir.startsWith('/')) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  for (const variable of config.Env) {
    if (variable === '' || variable.startsWith('=')) {
      throw invalid(`invalid environment variable: ${variable}`);
    }
  }
  if (config.Healthcheck) checkHealth(config.Healthcheck);
  for (const port of Object.keys(config.ExposedPorts ?? {})) parsePort(port);
}

function checkPorts(host: HostConfig): void {
  for (const [port, bindings] of Object.entries(host.PortBindings)) {
    parsePort(port);
    for (const { HostPort: hostPort = '' } of bindings) if (hostPort !== '') parseRange(hostPort);
  }
}

function checkLimits(host: HostConfig): void {
  if (host.ShmSize < 0) throw invalid('SHM size can not be less than 0');
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (host.Memory === 0 && host.MemorySwap > 0) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (host.MemorySwappiness !== null && (host.MemorySwappiness < 0 || host.MemorySwappiness > 100)) {
    throw invalid(`Invalid value: ${host.MemorySwappiness}, valid memory swappiness range is 0-100`);
  }
}

function checkExtraHosts(host: HostConfig): void {
  for (const entry of host.ExtraHosts ?? []) {
    if (!/^[^:=]+[:=].+$/.test(entry)) throw invalid(`bad format for add-host: ${JSON.stringify(entry)}`);
  }
}

function checkAnnotations({ Annotations: annotations = {} }: HostConfig): void {
  if (Object.hasOwn(annotations, ''))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key');
}

/**
 * Everything about a request that can be judged without looking at the model.
 * Throws CONTAINER_CONFIG_INVALID in Docker's words.
 */
export function checkRequest(request: ContainerRequest): void {
  checkConfig(request.config);
  checkPorts(request.hostConfig);
  checkLimits(request.hostConfig);
  checkExtraHosts(request.hostConfig);
  checkAnnotations(request.hostConfig);
  checkMounts(request.hostConfig);
  checkNamespaces(request.hostConfig);
  checkNetworkMode(request);
}
