/** Policies: which flows containers may have. */
import type { Client } from './client.ts';
import type { PolicyApply, PolicyTest } from './requests.ts';
import type { AppliedPolicy, FlowVerdict, PolicyItem } from './seaway-answers.ts';

const at = (name: string): string => `/seaway/policies/${encodeURIComponent(name)}`;

export class Policies {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** In the order in which they are asked. */
  list(): Promise<readonly PolicyItem[]> {
    return this.#client.get('/seaway/policies');
  }

  inspect(name: string): Promise<PolicyItem> {
    return this.#client.get(at(name));
  }

  /** Creates or replaces those of a document, YAML or JSON, all of them or none. */
  apply(body: PolicyApply): Promise<readonly AppliedPolicy[]> {
    return this.#client.json('POST', '/seaway/policies', { json: body });
  }

  remove(name: string): Promise<void> {
    return this.#client.done('DELETE', at(name));
  }

  /** Whether a flow would be let through, and by which rules. */
  test(body: PolicyTest): Promise<FlowVerdict> {
    return this.#client.json('POST', '/seaway/policies/test', { json: body });
  }
}
