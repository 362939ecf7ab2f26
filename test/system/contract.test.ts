/** The engine itself, held to what the API's unit tests take for granted. */
import { describe } from 'vitest';
import { contract } from '../contract/contract.ts';
import { openTestEngine } from './engine.ts';

const engine = openTestEngine();

describe('the engine', () => {
  contract((method, path, json) => engine.api(method, path, { json }));
});
