import { expect, it } from 'vitest';
import { explanationText } from './explain.ts';

it('shows the rule of a container without its escape sequences', () => {
  const text = explanationText(
    {
      ...{ From: 'db', To: 'web:80', Reaches: false, Name: '', Address: '', Probe: '', Path: [], Rules: [] },
      Cause: {
        ...{
          Code: 'container-firewall',
          Sentence: 'a rule drops it',
          At: 'container web',
          Cure: 'remove it',
        },
        Rule: {
          ...{ Table: 'inet f', Chain: 'input', Number: 1, Owner: 'the container', Reason: '' },
          Text: 'drop comment "\u001b[2J\u009b2J"',
        },
      },
    },
    false,
  );
  expect(text).toContain('rule   inet f input, rule 1, of the container: drop comment "?[2J?2J"\n');
});
