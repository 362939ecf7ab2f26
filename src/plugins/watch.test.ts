import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { FolderWatch } from './watch.ts';

it('reports files beside a symbolic link to itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  const seen: string[] = [];
  const watch = new FolderWatch([folder], (name) => seen.push(name));
  try {
    symlinkSync('loop', join(folder, 'loop'));
    writeFileSync(join(folder, 'weave.spec'), 'unix:///x');
    await vi.waitFor(() => expect(seen).toContain('weave'), 5_000);
  } finally {
    watch.close();
    rmSync(folder, { recursive: true });
  }
});
