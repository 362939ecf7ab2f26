import { describe, expect, it } from 'vitest';
import { indentJson, templateValue } from './json.ts';
import { toJson } from './values.ts';

describe('JSON', () => {
  it('is indented without being changed', () => {
    const text = '{"a":[],"b":{},"c":[1,{"d":"x:,{}\\u003c"}],"big":9223372036854771712}';
    expect(indentJson(text, '    ')).toBe(
      '{\n    "a": [],\n    "b": {},\n    "c": [\n        1,\n        {\n            "d": "x:,{}\\u003c"\n        }\n    ],\n    "big": 9223372036854771712\n}',
    );
    expect(indentJson(indentJson(text, '  '), '    ')).toBe(indentJson(text, '    '));
  });

  it('knows structs, maps and lists by their fields', () => {
    const value = templateValue({
      Config: { Labels: null, Env: null, Cmd: ['b', 'a'] },
      Labels: { z: '1', a: '2' },
    });
    expect(toJson(value)).toBe(
      '{"Config":{"Labels":null,"Env":null,"Cmd":["b","a"]},"Labels":{"a":"2","z":"1"}}',
    );
  });
});
