import { describe, expect, it } from 'vitest';
import { compile } from './evaluate.ts';
import type { Value } from './values.ts';

const data: Value = {
  Name: '/web',
  Id: 'abcdef0123456789',
  Size: 42,
  Big: 9223372036854771712n,
  Null: null,
  Empty: [],
  Env: ['A=1', 'B=<2>'],
  State: { Running: true, ExitCode: 0 },
  Labels: new Map<string, Value>([
    ['z', '26'],
    ['a.b', 'dotted'],
  ]),
  Networks: new Map<string, Value>([
    ['front', { IPAddress: '10.0.0.2' }],
    ['back', { IPAddress: '10.0.1.2' }],
  ]),
  Label: (name: Value) => `label ${String(name)}`,
  Method: () => 'called',
};
const render = (source: string): string => compile(source)(data);

describe('templates', () => {
  it.each([
    ['plain', 'plain'],
    ['{{.Name}}', '/web'],
    ['a{{ .Size }}b', 'a42b'],
    ['{{.State.Running}}', 'true'],
    ['{{.}}'.slice(0, 0), ''],
    ['{{json .Env}}', '["A=1","B=<2>"]'],
    ['{{json .Labels}}', '{"a.b":"dotted","z":"26"}'],
    ['{{json .State}}', '{"Running":true,"ExitCode":0}'],
    ['{{json .Big}} {{.Big}}', '9223372036854771712 9223372036854771712'],
    ['{{.Env}} {{.Labels}} {{.State}}', '[A=1 B=<2>] map[a.b:dotted z:26] {true 0}'],
    ['{{.Labels.nope}}', '<no value>'],
    ['{{.Null}}', '<nil>'],
    ['{{index .Labels "a.b"}}', 'dotted'],
    ['{{index .Env 1}}', 'B=<2>'],
    ['{{(index .Networks "front").IPAddress}}', '10.0.0.2'],
    ['{{range .Networks}}{{.IPAddress}} {{end}}', '10.0.1.2 10.0.0.2 '],
    ['{{range $k, $v := .Networks}}{{$k}}={{$v.IPAddress}};{{end}}', 'back=10.0.1.2;front=10.0.0.2;'],
    ['{{range $i, $e := .Env}}{{if $i}},{{end}}{{$e}}{{end}}', 'A=1,B=<2>'],
    ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{range $e := .Env}}{{$e}}{{break}}{{end}}', 'A=1'],
    ['{{range .Env}}{{if eq . "A=1"}}{{continue}}{{end}}{{.}}{{end}}', 'B=<2>'],
    ['{{if .Empty}}a{{else if .Null}}b{{else}}c{{end}}', 'c'],
    ['{{if and .Size (gt .Size 41)}}big{{end}}', 'big'],
    ['{{if or .Null .Empty}}x{{else}}y{{end}}', 'y'],
    ['{{if not .Null}}y{{end}}', 'y'],
    ['{{with .State}}{{.ExitCode}}{{$.Name}}{{end}}', '0/web'],
    ['{{with $n := .Name}}{{$n}}{{end}}', '/web'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{len .Env}} {{len .Name}} {{len .Labels}}', '2 4 2'],
    [
      '{{printf "%s-%05d|%-6s|%q|%.3s|%v|%x" .Name .Size "ab" "q" .Id true 255}}',
      '/web-00042|ab    |"q"|abc|true|ff',
    ],
    ['{{.Id | printf "%.12s"}}', 'abcdef012345'],
    ['{{slice .Name 1}} {{slice .Id 0 3}}', 'web abc'],
    ['{{join .Env ","}} {{split "a:b" ":"}}', 'A=1,B=<2> [a b]'],
    ['{{upper .Name}} {{lower "ABC"}} {{title "hello there"}}', '/WEB abc Hello There'],
    ['{{println .Name 1}}', '/web 1\n'],
    ['{{print 1 2 "a" 3}}', '1 2a3'],
    ['{{eq .Size 1 42}} {{ne 1 2}} {{lt 1 2}} {{ge "b" "a"}}', 'true true true true'],
    ['{{.Label "x"}} {{.Method}}', 'label x called'],
    ['a {{- .Size -}} b', 'a42b'],
    ['{{/* a note */}}x{{- /* another */ -}} y', 'xy'],
    ['{{"a\\tb"}}{{`raw\\n`}}', 'a\tbraw\\n'],
    ["{{'a'}} {{0x10}} {{1.5}} {{-3}}", '97 16 1.5 -3'],
    ['{{define "t"}}<{{.}}>{{end}}{{template "t" .Name}}', '</web>'],
    ['{{block "b" .Size}}[{{.}}]{{end}}', '[42]'],
    ['{{truncate .Id 4}} {{pad "x" 1 2}}|', 'abcd  x  |'],
    ['{{html "<a>"}}', '&lt;a&gt;'],
    ['{{range 2}}{{.}}{{end}}', '01'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });
});

describe('mistakes', () => {
  it.each([
    ['{{.ID', 'template: :1: unclosed action'],
    ['{{.Nope}}', `template: :1:2: executing "" at <.Nope>: can't evaluate field Nope in type struct`],
    ['{{.State.Nope}}', 'executing "" at <.State.Nope>'],
    ['{{nope}}', 'template: :1: function "nope" not defined'],
    ['{{if}}{{end}}', 'missing value for if'],
    ['{{if .A}}', 'unexpected EOF'],
    ['{{end}}', 'unexpected {{end}}'],
    ['{{$x}}', 'undefined variable "$x"'],
    ['{{index .Env 7}}', 'error calling index: reflect: slice index out of range'],
    ['{{.Name.Nope}}', "can't evaluate field Nope in type string"],
    ['{{lt 1 "a"}}', 'incompatible types for comparison'],
    ['{{break}}', '{{break}} outside {{range}}'],
    ['{{"a}}', 'unterminated quoted string'],
    ['x\n{{.Nope}}', 'template: :2:2:'],
    ['{{range .Name}}{{end}}', "range can't iterate over /web"],
  ])('%s', (source, message) => {
    expect(() => render(source)).toThrow(message);
  });
});
