import { describe, expect, it } from 'vitest';
import { type Listing, renderList } from './listing.ts';
import { alignColumns } from './tabwriter.ts';

interface Item {
  readonly id: string;
  readonly name: string;
}

const listing: Listing<Item> = {
  columns: {
    ID: { header: 'THE ID', value: ({ id }) => id },
    Name: { header: 'NAME', value: ({ name }) => name },
    Label: { header: '@label', value: () => (name) => `<${String(name)}>` },
  },
  table: 'table {{.ID}}\t{{.Name}}',
  type: '*test.context',
};
const items = [
  { id: '1', name: 'short' },
  { id: '22', name: 'a longer name' },
];
const render = (format: string, quiet = false) => renderList(listing, items, { format, quiet });

describe('columns', () => {
  it('are at least ten wide, three wider than their widest cell, and the last is not padded', () => {
    expect(alignColumns('a\tb\nlonger cell\tb\n')).toBe('a             b\nlonger cell   b\n');
    expect(alignColumns('a\tb\nc\td')).toBe('a         b\nc         d');
  });

  it('count characters, not bytes', () => {
    expect(alignColumns('ééééééééé\tb')).toBe('ééééééééé   b');
  });

  it('start over after a line that lacks them', () => {
    expect(alignColumns('aaaaaaaaaaaa\tb\nplain\nc\td')).toBe('aaaaaaaaaaaa   b\nplain\nc         d');
  });
});

describe('a list', () => {
  it('is a table unless told otherwise', () => {
    expect(render('')).toBe('THE ID    NAME\n1         short\n22        a longer name\n');
    expect(render('table')).toBe(render(''));
  });

  it('shows ids only, when quiet', () => {
    expect(render('', true)).toBe('1\n22\n');
  });

  it('follows a template, with and without a header', () => {
    expect(render('{{.Name}}:{{.ID}}')).toBe('short:1\na longer name:22\n');
    expect(render('table {{.Name}}\\t{{upper .ID}}')).toBe(
      'NAME            THE ID\nshort           1\na longer name   22\n',
    );
  });

  it('has a label’s name as the header of its column', () => {
    expect(render('table {{.Label "com.example.my-label"}}').split('\n')).toEqual([
      'my label',
      '<com.example.my-label>',
      '<com.example.my-label>',
      '',
    ]);
  });

  it('is JSON lines, escaped as Go does, without methods', () => {
    const text = renderList(listing, [{ id: '<1>', name: 'n' }], { format: 'json' });
    expect(text).toBe('{"ID":"\\u003c1\\u003e","Name":"n"}\n');
    expect(renderList(listing, [{ id: '<1>', name: 'n' }], { format: '{{json .ID}}' })).toBe('"<1>"\n');
  });

  it('refuses fields that it does not have and templates that are none', () => {
    expect(() => render('{{.Nope}}')).toThrow(
      `failed to execute template: template: :1:2: executing "" at <.Nope>: can't evaluate field Nope in type *test.context`,
    );
    expect(() => render('{{.ID')).toThrow('failed to parse template: template: :1: unclosed action');
  });
});
