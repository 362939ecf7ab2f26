/** Bodies of `/seaway/policies`. */
import Type from 'typebox';
import { text } from './fields.ts';

/** A document of policies, YAML or JSON. */
export const policyApply = Type.Object({ Document: text }, { title: 'PolicyApply' });

/** `Port` is 0 for `icmp`. */
export const policyTest = Type.Object(
  { From: text, To: text, Port: Type.Optional(Type.Integer()), Protocol: text },
  { title: 'PolicyTest' },
);
