/** The listeners of the page: opened by a call, closed when nobody uses them. */
import type { Logger } from '../../observe/logger.ts';
import { pageFolder } from './files.ts';
import { PageServer, type Routing } from './server.ts';

/** Milliseconds without use after which a link ends: ten minutes. */
const unusedFor = 600_000;

export interface PageAsked {
  /** On 127.0.0.1; 0 for any. */
  readonly port: number;
  /** It may change things. */
  readonly isWriting: boolean;
}

export interface OpenedPage {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly token: string;
}

export interface PagesOptions {
  readonly routing: Routing;
  readonly logger: Pick<Logger, 'error'>;
  readonly patience?: number;
}

export class Pages {
  readonly #options: PagesOptions;
  readonly #open = new Set<PageServer>();

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** A link to a listener that is there, or to a new one. Throws PAGE_NOT_BUILT, PAGE_PORT. */
  async open({ port, isWriting }: PageAsked): Promise<OpenedPage> {
    pageFolder();
    const there = [...this.#open].find((each) => port === 0 || each.port === port);
    const server = there ?? (await this.#listen(port));
    return { address: `127.0.0.1:${server.port}`, token: server.open(isWriting) };
  }

  close(): void {
    for (const server of [...this.#open]) server.close();
  }

  async #listen(port: number): Promise<PageServer> {
    const { routing, logger, patience = unusedFor } = this.#options;
    const server = await PageServer.listen(port, {
      ...{ routing, logger, patience },
      ended: () => this.#open.delete(server),
    });
    this.#open.add(server);
    return server;
  }
}
