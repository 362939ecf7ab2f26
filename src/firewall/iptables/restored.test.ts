import { describe, expect, it } from 'vitest';
import { parseSave, printSave } from './observed.ts';
import { restored } from './restored.ts';

const applyScript = (saved: string, script: string): string => printSave(restored(parseSave(saved), script));

describe('restored', () => {
  it('does what the program does with the commands that scripts have', () => {
    const before = '*nat\n:OUTPUT ACCEPT [0:0]\n:OLD - [0:0]\n-A OUTPUT -j OLD\n-A OLD -j RETURN\nCOMMIT\n';
    const script =
      '*nat\n:NEW - [0:0]\n-A NEW -s 10.0.0.1/32 -j ACCEPT\n-I OUTPUT 1 -j NEW\n-D OUTPUT -j OLD\n-F OLD\n-X OLD\n-D NEW 1\nCOMMIT\n';
    expect(applyScript(before, script)).toBe(
      '*nat\n:OUTPUT ACCEPT [0:0]\n:NEW - [0:0]\n-A OUTPUT -j NEW\nCOMMIT\n',
    );
  });

  it('leaves what was observed as it was', () => {
    const before = parseSave('*nat\n:OUTPUT ACCEPT [0:0]\n:OLD - [0:0]\n-A OLD -j RETURN\nCOMMIT\n');
    restored(
      before,
      '*nat\n:OLD - [0:0]\n:OUTPUT DROP [0:0]\n-A OUTPUT -j OLD\nCOMMIT\n*raw\n-A OUTPUT -j DROP\nCOMMIT\n',
    );
    expect(printSave(before)).toBe('*nat\n:OUTPUT ACCEPT [0:0]\n:OLD - [0:0]\n-A OLD -j RETURN\nCOMMIT\n');
  });

  it('refuses what the program refuses', () => {
    const before = '*nat\n:OUTPUT ACCEPT [0:0]\n:OLD - [0:0]\n-A OUTPUT -j OLD\nCOMMIT\n';
    for (const line of ['-X OLD', '-D OUTPUT -j NEW', '-A NEW -j DROP', '-I OLD 2 -j DROP', '-D OUTPUT 2'])
      expect(() => applyScript(before, `*nat\n${line}\nCOMMIT\n`), line).toThrow(line);
  });
});
