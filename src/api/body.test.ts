import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { bodyParser, jsonLimit, readText, requireJson } from './body.ts';
import { containerCreate } from './schemas/containers.ts';
import { networkCreate } from './schemas/networks.ts';

const parse = bodyParser(networkCreate);
const parseCreate = bodyParser(containerCreate);

test('null leaves a field as it was', () => {
  expect(parse('{"Name":"a","Labels":null,"IPAM":null}')).toEqual({ Name: 'a' });
});

test('null inside a map or a list is the zero value', () => {
  expect(parseCreate('{"ExposedPorts":{"80/tcp":null},"Env":[null]}')).toEqual({
    ExposedPorts: { '80/tcp': {} },
    Env: [''],
  });
});

test('keys are found without regard to case, exact ones first', () => {
  expect(parse('{"name":"a","internal":true}')).toEqual({ Name: 'a', Internal: true });
});

test('keys that no field has are dropped', () => {
  expect(parse('{"Name":"a","Shoes":"brown"}')).toEqual({ Name: 'a' });
});

test('keys of maps are kept as they are', () => {
  const value = parse('{"Name":"a","Labels":{"__proto__":"x","Name":"y"}}');
  expect(Object.entries(value.Labels ?? {})).toEqual([
    ['__proto__', 'x'],
    ['Name', 'y'],
  ]);
});

test('a wrong type names the field', () => {
  expect(() => parse('{"Name":5}')).toThrow(
    'invalid JSON: json: cannot unmarshal number into Go struct field NetworkCreateRequest.Name of type string',
  );
  expect(() => parse('{"IPAM":{"Config":[{"Subnet":true}]}}')).toThrow('IPAM.Config.Subnet of type string');
  expect(() => parseCreate('{"HostConfig":{"Memory":"x"}}')).toThrow('HostConfig.Memory of type int64');
  expect(() => parseCreate('{"HostConfig":{"Memory":1.5}}')).toThrow('HostConfig.Memory');
  expect(() => parse('[]')).toThrow(
    'invalid JSON: json: cannot unmarshal array into Go value of type NetworkCreateRequest',
  );
  expect(() => parse('{"Labels":{"a":1}}')).toThrow('NetworkCreateRequest.Labels of type string');
});

test('a whole number must fit into 64 bits', () => {
  expect(() => parseCreate('{"HostConfig":{"Memory":99999999999999999999}}')).toThrow(
    'cannot unmarshal number 100000000000000000000 into Go struct field CreateRequest.HostConfig.Memory of type int64',
  );
});

test('a command may be one string', () => {
  expect(parseCreate('{"Cmd":"sh"}')).toEqual({ Cmd: 'sh' });
  expect(() => parseCreate('{"Cmd":5}')).toThrow('CreateRequest.Cmd');
});

test('what is no JSON is refused', () => {
  expect(() => parse('{bad')).toThrow(/^invalid JSON: /);
  for (const text of ['{"Name":"a"', '{"Name":"a', '{"Name":', '{"Labels":{}'])
    expect(() => parse(text), text).toThrow('invalid JSON: unexpected EOF');
  expect(() => parse('{"Name":"a"} more')).toThrow('unexpected content after JSON');
  expect(() => parse('  ')).toThrow('invalid JSON: got EOF while reading request body');
  expect(parse('')).toEqual({});
});

test('a body must be declared as JSON', () => {
  expect(() => requireJson({ 'content-type': 'text/plain', 'content-length': '2' })).toThrow(
    "unsupported Content-Type header (text/plain): must be 'application/json'",
  );
  expect(() => requireJson({ 'content-length': '2' })).toThrow('malformed Content-Type header');
  expect(() => requireJson({})).not.toThrow();
  expect(() => requireJson({ 'content-type': 'application/json; charset=utf-8' })).not.toThrow();
});

test('a body over the limit is refused, announced or not', async () => {
  const announced = { 'content-length': String(jsonLimit + 1) };
  await expect(readText(Readable.from([]), announced)).rejects.toThrow('too large');
  const chunk = Buffer.alloc(jsonLimit / 2 + 1);
  await expect(readText(Readable.from([chunk, chunk]), {})).rejects.toThrow('too large');
});
